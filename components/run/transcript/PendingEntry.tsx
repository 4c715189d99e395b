"use client"

import { strings } from "@/components/run/strings"
import { pendingKind, pendingTitle } from "@/components/run/timeline/pendingTurn"
import { TerminalText } from "@/components/turn/formats/terminal/TerminalText"
import { KindMark } from "@/components/ui/state/KindMark"
import { oneLine } from "@/components/ui/text/showControls"
import { useProgress } from "@/lib/live/hooks/useFollowedRun"

const TEXT = strings.transcript
/** Only the last part of a streaming text is shown, because that part is new. */
const MAX_TEXT_CHARS = 4_000

/** The pending turn, at the end of the transcript. */
export function PendingEntry({ runId }: { runId: string }) {
  const pending = useProgress(runId)
  if (pending === undefined) return null
  const { index, progress } = pending
  const { tool, rest } = pendingTitle(progress)
  const isWaiting = progress.waiting_for !== undefined
  return (
    <div data-turn="progress" className="mx-auto max-w-4xl bg-surface px-4 py-3">
      <p className="flex items-center gap-2">
        <KindMark kind={pendingKind(progress)} />
        <span className="num text-ink-3">#{index}</span>
        <span className="num font-medium">{tool}</span>
        <span className="min-w-0 truncate text-ink-2">{oneLine(rest, 600)}</span>
        <span className={`num ml-auto shrink-0 ${isWaiting ? "text-waiting" : "text-working"}`}>
          {isWaiting ? TEXT.waiting : TEXT.inProgress}
        </span>
      </p>
      {progress.text === undefined ? null : (
        <div className="pt-2">
          <TerminalText text={progress.text.slice(-MAX_TEXT_CHARS)} pointer={undefined} />
        </div>
      )}
    </div>
  )
}
