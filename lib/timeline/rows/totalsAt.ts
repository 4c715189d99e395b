import { turnCost } from "@/lib/trace/turnCost"
import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"
import { spanOfTurns } from "./turnSpan"

/** A run's totals as they were at a cursor. */
export type TotalsAt = {
  readonly elapsedMs: number
  readonly tokens: number
  readonly costUsd: number
  readonly errors: number
  readonly failedExits: number
}

/** Adds up the turns `0 … cursor - 1`. */
export function totalsAt(outlines: OutlineList, cursor: number): TotalsAt {
  const span = spanOfTurns(outlines, cursor)
  let tokens = 0
  let costUsd = 0
  let errors = 0
  let failedExits = 0
  for (let index = 0; index < cursor; index++) {
    const outline = outlineAt(outlines, index)
    if (outline === undefined) continue
    tokens += outline.tokens ?? 0
    costUsd += turnCost(outline) ?? 0
    if (outline.error === true) errors++
    if ((outline.exit_code ?? 0) !== 0) failedExits++
  }
  return { elapsedMs: span === undefined ? 0 : span.end - span.start, tokens, costUsd, errors, failedExits }
}
