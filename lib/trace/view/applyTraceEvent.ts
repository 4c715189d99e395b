import type { TraceEvent, TraceRecord } from "@/lib/protocol/events"
import type { RunTotals } from "@/lib/protocol/run"
import { runStage } from "@/lib/trace/state/runStage"
import { adoptRun, withActivity, withoutActivity } from "./adoptRun"
import { emptyView, type RunView } from "./RunView"
import { takeTurns } from "./takeTurns"

/**
 * Applies one event to a run's view: turns are added, ignored if known, or held until the turns before them arrive.
 * Never mutates or throws; returns the same view if nothing changed. `receivedAtMs` is the server time of arrival, if
 * known.
 */
export function applyTraceEvent(view: RunView, event: TraceEvent, receivedAtMs?: number): RunView {
  if (event.run_id !== view.run_id) return view
  const next = withTotals(view, settle(applyRecord(view, event.record, receivedAtMs)), event.totals)
  return next.run !== undefined && next.progress === undefined && view.progress !== undefined
    ? { ...next, run: withoutActivity(next.run) }
    : next
}

/** Adopts the server's totals. They are exact, because the usage of a response is counted once for all its turns. */
function withTotals(before: RunView, after: RunView, totals: RunTotals | undefined): RunView {
  if (totals === undefined || after.run === undefined || after.cursor === before.cursor) return after
  return { ...after, run: { ...after.run, totals } }
}

function applyRecord(view: RunView, record: TraceRecord, receivedAtMs: number | undefined): RunView {
  switch (record.record) {
    case "snapshot":
      return applySnapshot(view, record)
    case "turns":
      return takeTurns(view, record.from, record.turns)
    case "run":
      return adoptRun(view, record.run)
    case "progress":
      return applyProgress(view, record, receivedAtMs)
    case "ended":
      return applyEnd(view, record)
    default:
      return view
  }
}

/** Applies an end, unless that end or a later one is already shown. */
function applyEnd(view: RunView, record: TraceRecord & { record: "ended" }): RunView {
  const isKnown =
    view.ended !== undefined && view.run !== undefined && runStage(record.run) <= runStage(view.run)
  return isKnown ? view : { ...adoptRun(view, record.run), progress: undefined, endAhead: record }
}

/**
 * Applies a snapshot. A snapshot that starts at 0 and is shorter than the view means that the turns in the view are
 * gone.
 */
function applySnapshot(view: RunView, record: TraceRecord & { record: "snapshot" }): RunView {
  const isRestart = record.from === 0 && view.cursor > record.run.cursor
  const start = isRestart ? { ...emptyView(view.run_id), generation: view.generation + 1 } : view
  const adopted = adoptRun({ ...start, progress: undefined }, record.run)
  const taken = takeTurns(adopted, record.from, record.turns)
  if (record.progress === undefined) return taken
  return { ...taken, progress: { index: record.run.cursor, progress: record.progress } }
}

function applyProgress(
  view: RunView,
  { index, progress }: TraceRecord & { record: "progress" },
  receivedAtMs: number | undefined,
): RunView {
  if (progress === null) return view.progress === undefined ? view : { ...view, progress: undefined }
  if (index < view.runCursor || view.ended !== undefined || view.endAhead !== undefined) return view
  const run = view.run && withActivity(view.run, progress, receivedAtMs)
  return { ...view, run, progress: { index, progress } }
}

/** Applies an end that waited for earlier turns, once the view has all of them. */
function settle(view: RunView): RunView {
  const { endAhead } = view
  if (endAhead === undefined || view.cursor < endAhead.run.cursor) return view
  const { run, termination } = endAhead
  return { ...view, run, ended: termination, endAhead: undefined, progress: undefined }
}
