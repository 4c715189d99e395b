"use client"

import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import { runDeltas } from "@/lib/timeline/rows/runDeltas"
import { strings } from "./strings"

export type CompareNumbersProps = { runA: string; runB: string }

/** Turns, duration, tokens, cost and errors of both runs, and the difference from A to B. */
export function CompareNumbers({ runA, runB }: CompareNumbersProps) {
  const [a, b] = [useRunSummary(runA), useRunSummary(runB)]
  const now = useServerNow(1_000)
  if (a === undefined || b === undefined) return null
  return (
    <dl
      aria-label={strings.numbers.label}
      className="num flex flex-wrap items-center gap-x-6 gap-y-0.5 border-t border-line px-3 py-1"
    >
      {runDeltas(a, b, now).map(({ name, a: inA, b: inB, delta }) => (
        <div key={name} data-figure={name} className="flex items-center gap-1.5 whitespace-nowrap">
          <dt className="text-ink-3">{name}</dt>
          <dd>
            <span className="sr-only">A </span>
            {inA}
            <span aria-hidden="true" className="px-1 text-ink-3">
              ·
            </span>
            <span className="sr-only">, B </span>
            {inB}
          </dd>
          {delta === "" ? null : (
            <dd
              data-delta={delta}
              title={strings.numbers.delta(delta, name)}
              className="font-semibold text-accent"
            >
              {delta}
            </dd>
          )}
        </div>
      ))}
    </dl>
  )
}
