import type { AlignedTurn } from "@/lib/timeline/alignTurns"
import { type ComparedRun, type ComparedTurn, compareTurns } from "@/lib/timeline/compareTurns"
import { pairTurns, stepKeys } from "@/lib/timeline/pairTurns"
import { outlineAt, outlineSlice } from "@/lib/trace/outlineList"
import type { RunView } from "@/lib/trace/RunView"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import type { PairRef } from "./compareAddress"

export type Comparison = {
  lines: readonly ComparedTurn[]
  /** Every turn up to now is in it, on both sides. */
  whole: boolean
}

export const NO_COMPARISON: Comparison = { lines: [], whole: false }

export type ComparedSide = { view: RunView; digests: readonly TurnDigest[] }

/** Compares two runs again and again as they grow; pairs anew only when turns have come. */
export function createComparer(): (a: ComparedSide, b: ComparedSide) => Comparison {
  let paired: { a: unknown; b: unknown; lines: readonly AlignedTurn[] } | undefined
  return (a, b) => {
    const isRead = (view: RunView) => view.run !== undefined && view.base === 0
    if (!isRead(a.view) || !isRead(b.view)) return NO_COMPARISON
    if (paired?.a !== a.view.outlines || paired.b !== b.view.outlines) {
      const lines = pairTurns(keysOf(a.view), keysOf(b.view))
      paired = { a: a.view.outlines, b: b.view.outlines, lines }
    }
    const isWhole = (view: RunView) => view.cursor === view.runCursor
    return {
      lines: compareTurns(paired.lines, asCompared(a), asCompared(b)),
      whole: isWhole(a.view) && isWhole(b.view),
    }
  }
}

function keysOf(view: RunView) {
  return stepKeys(outlineSlice(view.outlines, 0, view.cursor))
}

function asCompared({ view, digests }: ComparedSide): ComparedRun {
  return { outline: (index) => outlineAt(view.outlines, index), digest: (index) => digests[index] }
}

/** Where a line is found that holds a pair's first turn, else its second; -1 where none does. */
export function placeOfPair(lines: readonly AlignedTurn[], pair: PairRef | undefined): number {
  if (pair === undefined) return -1
  const key = pair.a === undefined ? "b" : "a"
  const wanted = pair[key]
  return wanted === undefined ? -1 : lines.findIndex((line) => line[key] === wanted)
}
