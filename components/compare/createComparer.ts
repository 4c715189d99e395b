import type { AlignedTurn } from "@/lib/timeline/compare/alignTurns"
import { type ComparedRun, type ComparedTurn, compareTurns } from "@/lib/timeline/compare/compareTurns"
import { pairTurns, stepKeys } from "@/lib/timeline/compare/pairTurns"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import { outlineAt, outlineSlice } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"
import type { PairRef } from "./compareAddress"

export type Comparison = {
  lines: readonly ComparedTurn[]
  /** Every turn up to now is in it, on both sides. */
  whole: boolean
}

export const NO_COMPARISON: Comparison = { lines: [], whole: false }

export type ComparedSide = { view: RunView; digests: readonly TurnDigest[] }

/** Turns that have come and are not read yet may be so many: titles then need not stand for parameters again. */
const UNREAD_TURNS = 50

/** Compares two runs again and again as they grow; pairs anew only when turns have come or been read. */
export function createComparer(): (a: ComparedSide, b: ComparedSide) => Comparison {
  let paired: { of: readonly unknown[]; lines: readonly AlignedTurn[] } | undefined
  return (a, b) => {
    const isRead = (view: RunView) => view.run !== undefined && view.base === 0
    if (!isRead(a.view) || !isRead(b.view)) return NO_COMPARISON
    const byContents = [a, b].every(
      ({ view, digests }) => digests.length > 0 && digests.length >= view.cursor - UNREAD_TURNS,
    )
    const of = [a.view.outlines, b.view.outlines, ...(byContents ? [a.digests, b.digests] : [])]
    if (paired?.of.length !== of.length || of.some((part, at) => part !== paired?.of[at])) {
      paired = { of, lines: pairTurns(keysOf(a, byContents), keysOf(b, byContents)) }
    }
    const isWhole = (view: RunView) => view.cursor === view.runCursor
    return {
      lines: compareTurns(paired.lines, asCompared(a), asCompared(b)),
      whole: isWhole(a.view) && isWhole(b.view),
    }
  }
}

function keysOf({ view, digests }: ComparedSide, byContents: boolean) {
  return stepKeys(outlineSlice(view.outlines, 0, view.cursor), byContents ? digests : [])
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
