import type { ForeignTime, Operation } from "@/lib/dialects/operations"
import { DIALECT_LIMITS } from "@/lib/dialects/Reducer"
import { sizeOf } from "@/lib/dialects/sizeOf"
import type { HookRun, HooksState } from "./HookRun"
import { answer, turn } from "./hookOperations"

/** A session that really holds more than this has to give something up. */
const RELIEVED_SIZE = DIALECT_LIMITS.bytesPerKey * 0.75
const LONG_TEXT = 16 * 1024

/** What bounding a session led to. `isReduced`: something was given up, which a turn says. */
export type BoundedSession = { size: number; operations: Operation[]; isReduced: boolean }

/**
 * Keeps what is known of a session within its bound.
 *
 * @param size about how much it holds, at most.
 */
export function boundSession(state: HooksState, size: number, at: ForeignTime): BoundedSession {
  const as = (measured: number, operations: Operation[] = [], isReduced = false): BoundedSession => ({
    ...{ size: measured, operations, isReduced },
  })
  if (size <= DIALECT_LIMITS.bytesPerKey) return as(size)
  const held = sizeOf(state)
  if (held <= RELIEVED_SIZE) return as(held)
  const runs = [state.root, ...state.children.values()]
  // A result repeats what its call was given.
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
    "What was known of this session grew too large, and a part was given up. Results may be repeated, and an answer may be in several turns.",
}

function dropTexts(run: HookRun, at: ForeignTime): Operation[] {
  // What has come of an answer becomes a turn; the rest of it will be another one.
  const operations = run.display === undefined ? [] : answer(run, run.display.text, at)
  run.display = undefined
  run.lastText = run.lastText?.slice(0, LONG_TEXT)
  run.title = run.title?.slice(0, LONG_TEXT)
  run.modelError = run.modelError?.slice(0, LONG_TEXT)
  run.recorded.clear()
  return operations
}
