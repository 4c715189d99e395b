"use client"

import { Ago } from "@/components/ui/Elapsed"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { RunActivity, RunSummary } from "@/lib/protocol/run"
import { elapsedText } from "@/lib/timeline/formatNumber"
import { describeState } from "@/lib/trace/state/describeState"
import { runState } from "@/lib/trace/state/runState"

/** What a live run does now: the tool and its first words, the last line of what it says, or why there is nothing. */
export function NowCell({ run, state }: { run: RunSummary; state: string }) {
  const { activity } = run
  if (state === "waiting") {
    return <span className="truncate text-waiting">{oneLine(activity?.waiting_for ?? "", 300)}</span>
  }
  if (state === "quiet" || state === "gone") return <StateDetail run={run} />
  if (activity === undefined) return <LastTurn run={run} />
  return <Doing activity={activity} />
}

function Doing({ activity }: { activity: RunActivity }) {
  const said = lastLine(activity.text ?? "")
  return (
    <span className="truncate text-ink-2">
      {activity.tool === undefined ? null : (
        <span className="num text-kind-tool">{oneLine(activity.tool, 80)} </span>
      )}
      {said === "" && activity.tool === undefined ? "thinking" : said}
    </span>
  )
}

function LastTurn({ run }: { run: RunSummary }) {
  if (run.last_turn_at === undefined) return <span className="truncate text-ink-3">no turn yet</span>
  return (
    <span className="truncate text-ink-3">
      last turn <Ago since={run.last_turn_at} />
    </span>
  )
}

function StateDetail({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  const { detail } = describeState(runState(run, now), elapsedText)
  return <span className="truncate text-ink-2">{detail}</span>
}

/** The last line that says something, in one line. */
export function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => plainLine(line, 300))
  return lines.findLast((line) => line !== "") ?? ""
}
