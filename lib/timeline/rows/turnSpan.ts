import type { TurnOutline } from "@/lib/protocol/turn"
import { timeMs } from "@/lib/trace/state/runState"
import { CHUNK, type OutlineList } from "@/lib/trace/view/OutlineList"

/** When a turn took place, in milliseconds since 1970; `start` ≤ `end`. */
export type TurnSpan = { readonly start: number; readonly end: number }

/**
 * A turn without a duration that started this long before it was recorded was imported, so it didn't last until then.
 */
const HISTORY_AFTER_MS = 24 * 3_600_000

/** Longer durations are capped. */
const MAX_TURN_MS = 366 * 24 * 3_600_000

/**
 * Returns the time span of a turn: its start plus its duration. Without a duration, a prompt or an event is a moment,
 * and any other turn ends when it was recorded. Without a start, or with a start after the turn was recorded, the span
 * also ends when the turn was recorded. Undefined without any valid time.
 */
export function turnSpan(outline: TurnOutline): TurnSpan | undefined {
  const recorded = timeMs(outline.recorded_at)
  const started = timeMs(outline.started_at)
  const given = outline.duration_ms
  const duration = given === undefined || !(given >= 0) ? undefined : Math.min(given, MAX_TURN_MS)
  if (recorded !== undefined && (started === undefined || started > recorded))
    return { start: recorded - (duration ?? 0), end: recorded }
  if (started === undefined) return undefined
  if (duration !== undefined)
    return { start: started, end: Math.min(started + duration, recorded ?? Number.POSITIVE_INFINITY) }
  const isMoment = outline.kind === "human" || outline.kind === "system"
  const isLive = !isMoment && recorded !== undefined && recorded - started < HISTORY_AFTER_MS
  return { start: started, end: isLive ? recorded : started }
}

type Chunk = readonly (TurnOutline | undefined)[]
type ChunkSpans = { spans: readonly (TurnSpan | undefined)[]; start: number; end: number }

// Chunks of an outline list are never mutated, so a chunk's spans stay valid for its lifetime.
const spanCache = new WeakMap<Chunk, ChunkSpans>()

function spansOf(chunk: Chunk): ChunkSpans {
  const cached = spanCache.get(chunk)
  if (cached !== undefined) return cached
  const spans = chunk.map((outline) => (outline === undefined ? undefined : turnSpan(outline)))
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    if (span === undefined) continue
    start = Math.min(start, span.start)
    end = Math.max(end, span.end)
  }
  const result = { spans, start, end }
  spanCache.set(chunk, result)
  return result
}

/** Calls `visit` for each of the turns `0 … cursor - 1` that has a time, by index. Parses each time once. */
export function forEachSpan(
  outlines: OutlineList,
  cursor: number,
  visit: (outline: TurnOutline, span: TurnSpan) => void,
): void {
  outlines.chunks.forEach((chunk, chunkNumber) => {
    if (chunk === undefined) return
    const { spans } = spansOf(chunk)
    const end = Math.min(spans.length, cursor - chunkNumber * CHUNK)
    for (let at = 0; at < end; at++) {
      const outline = chunk[at]
      const span = spans[at]
      if (outline !== undefined && span !== undefined) visit(outline, span)
    }
  })
}

/** Returns the span that covers the turns `0 … cursor - 1`, or undefined if none of them has a time. */
export function spanOfTurns(outlines: OutlineList, cursor: number): TurnSpan | undefined {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  let at = 0
  for (const chunk of outlines.chunks) {
    if (at >= cursor) break
    if (chunk !== undefined) {
      const covered = spansOf(at + chunk.length <= cursor ? chunk : chunk.slice(0, cursor - at))
      start = Math.min(start, covered.start)
      end = Math.max(end, covered.end)
    }
    at += CHUNK
  }
  return start <= end ? { start, end } : undefined
}

/** Returns the spans of the turns `0 … cursor - 1`, sorted by start, without turns that have no time. */
export function sortedSpans(outlines: OutlineList, cursor: number): TurnSpan[] {
  const all: TurnSpan[] = []
  let isSorted = true
  outlines.chunks.forEach((chunk, chunkNumber) => {
    if (chunk === undefined) return
    const { spans } = spansOf(chunk)
    const end = Math.min(spans.length, cursor - chunkNumber * CHUNK)
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
