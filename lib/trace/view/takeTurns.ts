import type { RunSummary } from "@/lib/protocol/run"
import type { RunTurn, TurnOutline } from "@/lib/protocol/turn"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { addTotals, turnTotals } from "@/lib/trace/turnTotals"
import { withOutlines } from "./OutlineList"
import type { HeldTurn, RunView } from "./RunView"

/** Maximum number of held turns. Further turns are dropped, and arrive again when the gap is repaired. */
const HELD_MAX = 4_096

/**
 * Adds turns starting at index `from` to a view. Known turns are ignored. Turns that follow the view's cursor are
 * applied, together with held turns that follow them. Later turns are held.
 */
export function takeTurns(view: RunView, from: number, turns: readonly RunTurn[]): RunView {
  const next: HeldTurn[] = []
  let held: Map<number, HeldTurn> | undefined
  turns.forEach((turn, at) => {
    const index = from + at
    if (index < view.cursor + next.length) return
    const taken = { outline: outlineOf(turn, index), totals: turnTotals(turn) }
    if (index === view.cursor + next.length) {
      next.push(taken)
    } else if (!view.held.has(index) && (held ?? view.held).size < HELD_MAX) {
      held ??= new Map(view.held)
      held.set(index, taken)
    }
  })
  const runCursor = Math.max(view.runCursor, turns.length > 0 ? from + turns.length : 0)
  const ahead = held === undefined ? view : { ...view, held }
  return release(raise(ahead, runCursor), next)
}

/** Raises the known cursor of the run. Drops progress on a turn that exists. */
export function raise(view: RunView, runCursor: number): RunView {
  const stale = view.progress !== undefined && view.progress.index < runCursor
  if (runCursor <= view.runCursor && !stale) return view
  return {
    ...view,
    runCursor: Math.max(view.runCursor, runCursor),
    progress: stale ? undefined : view.progress,
  }
}

/** Applies turns that follow the view's cursor, and the held turns that follow those. */
function release(view: RunView, next: HeldTurn[]): RunView {
  const held = new Map(view.held)
  for (let at = 0; at < next.length; at++) held.delete(view.cursor + at)
  for (;;) {
    const index = view.cursor + next.length
    const waiting = held.get(index)
    if (waiting === undefined) break
    held.delete(index)
    next.push(waiting)
  }
  if (next.length === 0) return view
  const cursor = view.cursor + next.length
  return {
    ...view,
    outlines: withOutlines(
      view.outlines,
      next.map(({ outline }) => outline),
    ),
    cursor,
    runCursor: Math.max(view.runCursor, cursor),
    held: held.size === view.held.size ? view.held : held,
    run: view.run && summed(view.run, view, next),
    summedTo: Math.max(view.summedTo, cursor),
  }
}

/** Adds to the run's summary the turns that its totals don't include yet. */
function summed(run: RunSummary, view: RunView, applied: readonly HeldTurn[]): RunSummary {
  const unsummed = applied.filter(({ outline }) => outline.index >= view.summedTo)
  const last = unsummed.at(-1)
  if (last === undefined) return run
  return {
    ...run,
    cursor: Math.max(run.cursor, last.outline.index + 1),
    last_turn_at: last.outline.recorded_at,
    totals: unsummed.reduce((totals, turn) => addTotals(totals, turn.totals), run.totals),
  }
}

/** Returns a turn's outline. A turn that was cut includes the parts that can't be derived from it anymore. */
function outlineOf(turn: RunTurn, index: number): TurnOutline {
  const outline = { ...outlineTurn(turn), index, recorded_at: turn.recorded_at }
  if (turn.outline === undefined) return outline
  const { title, error, error_text } = turn.outline
  return { ...outline, title, ...(error && { error }), ...(error_text !== undefined && { error_text }) }
}
