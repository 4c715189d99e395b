"use client"

import type { ReactNode } from "react"
import { useRunPageState } from "@/components/run/RunPageStoreProvider"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useRunView } from "@/lib/live/hooks/useFollowedRun"
import type { RunSummary } from "@/lib/protocol/run"
import { costText, countText, elapsedText } from "@/lib/timeline/formatNumber"
import { runBounds } from "@/lib/timeline/rows/runBounds"
import { timeMs } from "@/lib/trace/state/runState"

/** The run's numbers: cursor, how true it is (the children), time, tokens, cost, errors. */
export function RunNumbers({ run, children }: { run: RunSummary; children: ReactNode }) {
  const at = useRunPageState((state) => state.at)
  const { totals } = run
  const tokens = totals.input_tokens + totals.output_tokens
  return (
    <>
      <Figure title="How many turns the run has">
        <span className="text-ink">
          turn {at === undefined || at >= run.cursor ? run.cursor : `${at} of ${run.cursor}`}
        </span>
      </Figure>
      {children}
      <RunElapsed run={run} />
      {tokens > 0 ? (
        <Figure
          title={`${totals.input_tokens.toLocaleString("en")} in, ${totals.output_tokens.toLocaleString("en")} out`}
        >
          {countText(tokens)} tok
        </Figure>
      ) : null}
      {totals.cost_usd > 0 ? <Figure title="Cost of all turns">{costText(totals.cost_usd)}</Figure> : null}
      {totals.errors > 0 ? (
        <Figure title="Turns with an error">
          <span className="text-error">
            {totals.errors} {totals.errors === 1 ? "error" : "errors"}
          </span>
        </Figure>
      ) : null}
    </>
  )
}

function Figure({ title, children }: { title: string; children: ReactNode }) {
  return (
    <span title={title} className="shrink-0 whitespace-nowrap">
      {children}
    </span>
  )
}

/** How long it has taken or is taking; of history told later, how long its turns say that it took. */
function RunElapsed({ run }: { run: RunSummary }) {
  const { startMs, endMs, isHistory } = runBounds(useRunView(run.run_id))
  const started = timeMs(run.started_at)
  const ended = timeMs(run.ended_at)
  const now = useServerNow(1_000)
  if (started === undefined) return null
  const tookMs = isHistory ? endMs - startMs : Math.max(0, (ended ?? Math.max(now, started)) - started)
  return (
    <Figure title={isHistory ? "From its first turn to its last, as they say" : "Since the run started"}>
      {elapsedText(tookMs)}
    </Figure>
  )
}
