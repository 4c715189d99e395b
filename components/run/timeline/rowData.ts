import type { RunTree } from "@/components/run/useRunTree"
import type { TurnOutline } from "@/lib/protocol/turn"
import { type TurnRow, turnsOfRow } from "@/lib/timeline/rows/turnRows"
import { isCostEstimated, turnCost } from "@/lib/trace/turnCost"
import { outlineAt } from "@/lib/trace/view/OutlineList"

/** What a row shows about its turns. */
export type RowData = {
  /** The number of turns that the row represents. */
  turns: number
  /** How often the turns repeat. Set for the first row of repeated turns, folded or expanded. */
  repeats: number | undefined
  repeatExpanded: boolean
  /** The totals of the row's turns: duration, tokens and cost. */
  durationMs: number | undefined
  tokens: number | undefined
  costUsd: number | undefined
  /** True if part of the cost is an estimate. */
  isCostEstimated: boolean
  /** The titles of the turns in a cycle. Undefined if the row isn't a folded cycle. */
  cycleTitle: string | undefined
  /** How many turns of a folded cycle have an error or an exit code other than 0. */
  cycleFailures: number
  /** The first error's text in a folded cycle. */
  cycleError: string | undefined
  lastIndex: number
  /** All turns of the row. */
  indices: readonly number[]
}

/** Sums up the turns of a row. */
export function rowData(tree: RunTree, row: TurnRow, rowNumber: number): RowData {
  const indices = turnsOfRow(tree.rows, rowNumber)
  const outlines = tree.views.get(row.runId)?.outlines
  const of = (index: number) => (outlines === undefined ? undefined : outlineAt(outlines, index))
  const { repeat } = row
  const isFolded = repeat !== undefined && !repeat.isExpanded
  return {
    // An expanded repeat keeps its number of turns, for the button that collapses it.
    turns: repeat?.isExpanded === true ? repeat.turns : indices.length,
    repeats: repeat === undefined ? undefined : Math.floor(repeat.turns / repeat.cycle),
    repeatExpanded: repeat?.isExpanded === true,
    durationMs: sum(indices, (index) => of(index)?.duration_ms),
    tokens: sum(indices, (index) => of(index)?.tokens),
    costUsd: sum(indices, (index) => turnCost(of(index) ?? {})),
    isCostEstimated: indices.some((index) => isCostEstimated(of(index) ?? {})),
    ...(isFolded && repeat.cycle > 1 ? foldedCycle(indices.map(of), repeat.cycle) : NO_CYCLE),
    lastIndex: indices.at(-1) ?? row.index,
    indices,
  }
}

/** Returns the sum of the known values, or undefined if none is known. */
function sum(indices: readonly number[], read: (index: number) => number | undefined): number | undefined {
  let total: number | undefined
  for (const index of indices) {
    const value = read(index)
    if (value !== undefined) total = (total ?? 0) + value
  }
  return total
}

type FoldedCycle = Pick<RowData, "cycleTitle" | "cycleFailures" | "cycleError">

const NO_CYCLE: FoldedCycle = { cycleTitle: undefined, cycleFailures: 0, cycleError: undefined }

function foldedCycle(outlines: readonly (TurnOutline | undefined)[], cycle: number): FoldedCycle {
  const titles = outlines
    .slice(0, cycle)
    .map((outline) => outline?.tool ?? outline?.title.slice(0, 40) ?? "…")
  return {
    cycleTitle: titles.join(" → "),
    cycleFailures: outlines.filter(hasFailed).length,
    cycleError: outlines.find((outline) => outline?.error_text !== undefined)?.error_text,
  }
}

function hasFailed(outline: TurnOutline | undefined): boolean {
  return outline?.error === true || (outline?.exit_code ?? 0) !== 0
}
