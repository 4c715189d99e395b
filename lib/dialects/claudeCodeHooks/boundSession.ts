import type { ForeignTime, Operation } from "@/lib/dialects/operations"
import { DIALECT_LIMITS } from "@/lib/dialects/Reducer"
import { sizeOf } from "@/lib/dialects/sizeOf"
import type { HookRun, HooksState } from "./HookRun"
import { answer, turn } from "./hookOperations"

/** If the measured state of a session is larger than this, part of it is dropped. */
const RELIEVED_SIZE = DIALECT_LIMITS.bytesPerKey * 0.75
const LONG_TEXT = 16 * 1024

/** The result of limiting a session's state. `isReduced`: part of the state was dropped, and a turn records the loss. */
export type BoundedSession = { size: number; operations: Operation[]; isReduced: boolean }

/**
 * Keeps the state of a session within the limit.
 *
 * @param size an approximate upper bound of the state's size.
 */
export function boundSession(state: HooksState, size: number, at: ForeignTime): BoundedSession {
  const as = (measured: number, operations: Operation[] = [], isReduced = false): BoundedSession => ({
    ...{ size: measured, operations, isReduced },
  })
  if (size <= DIALECT_LIMITS.bytesPerKey) return as(size)
  const held = sizeOf(state)
  if (held <= RELIEVED_SIZE) return as(held)
  const runs = [state.root, ...state.children.values()]
  // The inputs of calls aren't needed, because each call's result repeats its input.
  for (const run of runs) for (const call of run.calls.values()) call.input = undefined
  const left = sizeOf(state)
  if (left <= RELIEVED_SIZE) return as(left)
  const operations = runs.flatMap((run) => dropTexts(run, at))
  state.recent.clear()
  if (state.root.started) operations.push(turn(state.root, { ...NOTE, started_at: at }))
  return as(sizeOf(state), operations, true)
}

const NOTE = {
  kind: "system" as const,
  event: "context_dropped",
  message:
    "The server's state for this session grew too large, and part of it was dropped. Results may be repeated, and an answer may be split into several turns.",
}

function dropTexts(run: HookRun, at: ForeignTime): Operation[] {
  // The part of an answer received so far becomes a turn. The remaining text will be another turn.
  const operations = run.display === undefined ? [] : answer(run, run.display.text, at)
  run.display = undefined
  run.lastText = run.lastText?.slice(0, LONG_TEXT)
  run.title = run.title?.slice(0, LONG_TEXT)
  run.modelError = run.modelError?.slice(0, LONG_TEXT)
  run.recorded.clear()
  return operations
}
