import type { TurnOutline } from "@/lib/protocol/turn"
import { timeMs } from "@/lib/trace/state/runState"
import { CHUNK, type OutlineList } from "@/lib/trace/view/OutlineList"

/** When a turn was made, in milliseconds since 1970; `start` ≤ `end`. */
export type TurnSpan = { readonly start: number; readonly end: number }

/** A start this much before the record is history told later, not a turn that took so long. */
const TOLD_LATER_MS = 24 * 3_600_000

/** No turn takes longer than this; what says so is cut. */
const LONGEST_MS = 366 * 24 * 3_600_000

/**
 * The time of a turn: from its start for its duration; without a duration until it was recorded; without a start it
 * ends when it was recorded. It never ends after it was recorded. Undefined where no time can be read.
 */
export function turnSpan(outline: TurnOutline): TurnSpan | undefined {
  const recorded = timeMs(outline.recorded_at)
  const started = timeMs(outline.started_at)
  const told = outline.duration_ms
  const duration = told === undefined || !(told >= 0) ? undefined : Math.min(told, LONGEST_MS)
  if (started === undefined) {
    return recorded === undefined ? undefined : { start: recorded - (duration ?? 0), end: recorded }
  }
  const start = Math.min(started, recorded ?? started)
  if (duration !== undefined)
    return { start, end: Math.min(start + duration, recorded ?? Number.POSITIVE_INFINITY) }
  const isLater = recorded !== undefined && recorded - start < TOLD_LATER_MS
  return { start, end: isLater ? recorded : start }
}

type Chunk = readonly (TurnOutline | undefined)[]
type ChunkSpans = { spans: readonly (TurnSpan | undefined)[]; start: number; end: number }

// Chunks of an outline list are never mutated, so what was read of one stays true as long as it lives.
const known = new WeakMap<Chunk, ChunkSpans>()

function spansOf(chunk: Chunk): ChunkSpans {
  const held = known.get(chunk)
  if (held !== undefined) return held
  const spans = chunk.map((outline) => (outline === undefined ? undefined : turnSpan(outline)))
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    if (span === undefined) continue
    start = Math.min(start, span.start)
    end = Math.max(end, span.end)
  }
  const read = { spans, start, end }
  known.set(chunk, read)
  return read
}

/** Calls back for each of the turns `0 … cursor - 1` that has a time, in order of index; reads no time twice. */
export function eachSpan(
  outlines: OutlineList,
  cursor: number,
  visit: (outline: TurnOutline, span: TurnSpan) => void,
): void {
  outlines.chunks.forEach((chunk, place) => {
    if (chunk === undefined) return
    const { spans } = spansOf(chunk)
    const end = Math.min(spans.length, cursor - place * CHUNK)
    for (let at = 0; at < end; at++) {
      const outline = chunk[at]
      const span = spans[at]
      if (outline !== undefined && span !== undefined) visit(outline, span)
    }
  })
}

/** The span of the turns `0 … cursor - 1` together; undefined while none of them has a time. */
export function spanOfTurns(outlines: OutlineList, cursor: number): TurnSpan | undefined {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  let at = 0
  for (const chunk of outlines.chunks) {
    if (at >= cursor) break
    if (chunk !== undefined) {
      const read = spansOf(at + chunk.length <= cursor ? chunk : chunk.slice(0, cursor - at))
      start = Math.min(start, read.start)
      end = Math.max(end, read.end)
    }
    at += CHUNK
  }
  return start <= end ? { start, end } : undefined
}

/** The spans of the turns `0 … cursor - 1` in order of start; a turn without a time is left out. */
export function sortedSpans(outlines: OutlineList, cursor: number): TurnSpan[] {
  const all: TurnSpan[] = []
  let isSorted = true
  outlines.chunks.forEach((chunk, place) => {
    if (chunk === undefined) return
    const { spans } = spansOf(chunk)
    const end = Math.min(spans.length, cursor - place * CHUNK)
    for (let at = 0; at < end; at++) {
      const span = spans[at]
      if (span === undefined) continue
      const last = all[all.length - 1]
      if (last !== undefined && last.start > span.start) isSorted = false
      all.push(span)
    }
  })
  return isSorted ? all : all.sort((a, b) => a.start - b.start)
}
