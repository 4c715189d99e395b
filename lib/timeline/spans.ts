import type { TurnOutline } from "@/lib/protocol/turn"
import { type OutlineList, outlineAt } from "@/lib/trace/outlineList"

/** An agent's clock is taken to be off when its turns would end this far after they were recorded … */
const AHEAD_MS = 2_000
/** … or all of them at least this long before. */
const BEHIND_MS = 30_000
/** A turn without a duration lasts until it was recorded, if that is no longer than this. */
const UNTIMED_MS = 600_000
const YEAR_MS = 366 * 86_400_000

/**
 * When the turns `base … cursor - 1` began and ended, in milliseconds of server time. Every number is finite and no end
 * lies before its start, whatever the agent's clock said. Tables share their memory with the ones that they grew from.
 */
export type SpanTable = {
  readonly base: number
  readonly cursor: number
  /** What was added to the agent's own times to make them server times. */
  readonly correctionMs: number
  /** The first start and the last end; equal without turns. */
  readonly fromMs: number
  readonly toMs: number
  readonly raw: RawTimes
}

/** By `index - base`: what the agent said (NaN where it said nothing) and when the server recorded it. */
type RawTimes = { list: { startedMs: number; durationMs: number; recordedMs: number }[]; offsetMs: number }

export type Span = { startMs: number; endMs: number }

/** The spans of a view's turns; grows `before`, the table of an earlier state of the same view, where that is possible. */
export function spansOf(
  view: { outlines: OutlineList; base: number; cursor: number },
  before?: SpanTable,
): SpanTable {
  const grows =
    before !== undefined && before.base === view.base && before.raw.list.length <= view.cursor - view.base
  const list = grows ? before.raw.list : []
  let offsetMs = grows ? before.raw.offsetMs : Number.POSITIVE_INFINITY
  if (grows && before.cursor === view.cursor) return before
  for (let index = view.base + list.length; index < view.cursor; index++) {
    const times = rawTimes(outlineAt(view.outlines, index), list.at(-1)?.recordedMs ?? 0)
    list.push(times)
    const endedMs = times.startedMs + Math.max(0, times.durationMs || 0)
    if (!Number.isNaN(endedMs)) offsetMs = Math.min(offsetMs, times.recordedMs - endedMs)
  }
  const correctionMs =
    offsetMs < -AHEAD_MS || (offsetMs > BEHIND_MS && Number.isFinite(offsetMs)) ? offsetMs : 0
  const extent =
    grows && before.cursor > before.base && before.correctionMs === correctionMs ? before : undefined
  const table = { base: view.base, cursor: view.cursor, correctionMs, raw: { list, offsetMs } }
  return { ...table, ...extentOf(table, extent) }
}

/** When a turn began and ended; undefined for one that the table does not hold. */
export function spanAt(
  table: Pick<SpanTable, "base" | "cursor" | "correctionMs" | "raw">,
  index: number,
): Span | undefined {
  const times = index < table.cursor ? table.raw.list[index - table.base] : undefined
  if (times === undefined) return undefined
  const { startedMs, durationMs, recordedMs } = times
  const durationOrZero = Number.isNaN(durationMs) ? 0 : durationMs
  if (Number.isNaN(startedMs)) return { startMs: recordedMs - durationOrZero, endMs: recordedMs }
  const startMs = Math.min(startedMs + table.correctionMs, recordedMs)
  if (!Number.isNaN(durationMs))
    return { startMs, endMs: Math.max(startMs, Math.min(startMs + durationMs, recordedMs)) }
  const timed = table.correctionMs === 0 && recordedMs - startMs <= UNTIMED_MS
  return { startMs, endMs: timed ? recordedMs : startMs }
}

function rawTimes(outline: TurnOutline | undefined, lastRecordedMs: number) {
  const recorded = Date.parse(outline?.recorded_at ?? "")
  const started = Date.parse(outline?.started_at ?? "")
  const duration = outline?.duration_ms ?? Number.NaN
  return {
    startedMs: started,
    durationMs: Math.min(Math.max(0, duration), YEAR_MS),
    // The server's times never go back; what can't be read stands where the turn before does.
    recordedMs: Number.isNaN(recorded) ? lastRecordedMs || started || 0 : recorded,
  }
}

function extentOf(
  table: Pick<SpanTable, "base" | "cursor" | "correctionMs" | "raw">,
  known: SpanTable | undefined,
): { fromMs: number; toMs: number } {
  let fromMs = known?.fromMs ?? Number.POSITIVE_INFINITY
  let toMs = known?.toMs ?? Number.NEGATIVE_INFINITY
  for (let index = known?.cursor ?? table.base; index < table.cursor; index++) {
    const span = spanAt(table, index)
    if (span === undefined) continue
    fromMs = Math.min(fromMs, span.startMs)
    toMs = Math.max(toMs, span.endMs)
  }
  return fromMs <= toMs ? { fromMs, toMs } : { fromMs: 0, toMs: 0 }
}
