"use client"

import { progressKind } from "@/components/run/timeline/PendingTurnRow"
import { progressTitle } from "@/components/run/timeline/progressTitle"
import { TerminalText } from "@/components/turn/formats/terminal/TerminalText"
import { KindMark } from "@/components/ui/KindMark"
import { oneLine } from "@/components/ui/text/showControls"
import { useProgress } from "@/lib/live/hooks/useFollowedRun"

/** The turn being made, at the end of the transcript. */
export function TranscriptProgress({ runId }: { runId: string }) {
  const made = useProgress(runId)
  if (made === undefined) return null
  const { head, rest } = progressTitle(made.progress)
  return (
    <div data-turn="progress" className="mx-auto max-w-4xl bg-surface px-4 py-3">
      <p className="flex items-center gap-2">
        <span className="num w-10 text-right text-ink-3">{made.index}</span>
        <KindMark kind={progressKind(made.progress)} bare />
        <span className="num font-medium">{head}</span>
        <span className="min-w-0 truncate text-ink-2">{oneLine(rest, 600)}</span>
        {made.progress.waiting_for === undefined ? (
          <span className="num ml-auto shrink-0 text-working">being made</span>
        ) : (
          <span className="num ml-auto shrink-0 text-waiting">waiting</span>
        )}
      </p>
      {made.progress.text === undefined ? null : (
        <div className="pt-2 pl-14">
          <TerminalText text={made.progress.text.slice(-4_000)} />
        </div>
      )}
    </div>
  )
}
