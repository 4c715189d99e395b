import type { AlignedTurn } from "@/lib/timeline/compare/alignTurns"
import { type ComparedRun, type ComparedTurn, compareTurns } from "@/lib/timeline/compare/compareTurns"
import { pairTurns, stepKeys } from "@/lib/timeline/compare/pairTurns"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import { outlineAt, outlineSlice } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"
import type { PairRef } from "./compareAddress"

export type Comparison = {
  lines: readonly ComparedTurn[]
  /** True if the comparison includes all turns that the runs have so far. */
  isComplete: boolean
}

export const NO_COMPARISON: Comparison = { lines: [], isComplete: false }

export type ComparedSide = { view: RunView; digests: readonly TurnDigest[] }

/** Turns are aligned by contents instead of titles once at most this many turns of each run aren't loaded yet. */
const MAX_UNLOADED_TURNS = 50

/** Compares two growing runs repeatedly. Realigns them only when turns have been added or loaded. */
export function createComparer(): (a: ComparedSide, b: ComparedSide) => Comparison {
  let aligned: { of: readonly unknown[]; lines: readonly AlignedTurn[] } | undefined
  return (a, b) => {
    const isLoaded = (view: RunView) => view.run !== undefined && view.base === 0
    if (!isLoaded(a.view) || !isLoaded(b.view)) return NO_COMPARISON
    const byContents = [a, b].every(
      ({ view, digests }) => digests.length > 0 && digests.length >= view.cursor - MAX_UNLOADED_TURNS,
    )
    const of = [a.view.outlines, b.view.outlines, ...(byContents ? [a.digests, b.digests] : [])]
    if (aligned?.of.length !== of.length || of.some((part, at) => part !== aligned?.of[at])) {
      aligned = { of, lines: pairTurns(keysOf(a, byContents), keysOf(b, byContents)) }
    }
    const isCurrent = (view: RunView) => view.cursor === view.runCursor
    return {
      lines: compareTurns(aligned.lines, asCompared(a), asCompared(b)),
      isComplete: isCurrent(a.view) && isCurrent(b.view),
    }
  }
}

function keysOf({ view, digests }: ComparedSide, byContents: boolean) {
  return stepKeys(outlineSlice(view.outlines, 0, view.cursor), byContents ? digests : [])
}

function asCompared({ view, digests }: ComparedSide): ComparedRun {
  return { outline: (index) => outlineAt(view.outlines, index), digest: (index) => digests[index] }
}

/**
 * Returns the index of the line that contains the pair's turn of A, or if the pair has none, its turn of B. -1 if no
 * line does.
 */
export function placeOfPair(lines: readonly AlignedTurn[], pair: PairRef | undefined): number {
  if (pair === undefined) return -1
  const key = pair.a === undefined ? "b" : "a"
  const wanted = pair[key]
  return wanted === undefined ? -1 : lines.findIndex((line) => line[key] === wanted)
}
