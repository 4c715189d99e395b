import type { DialectTurn, Operation, RunKey, StartOperation, TurnOperation } from "./operations"

/** What a reducer remembers of its run's beginning. */
export type RunBeginning = {
  started: boolean
  /** System events from before the start. */
  heldTurns: TurnOperation[]
}

/** Most system events that wait for a run's start; the oldest are dropped beyond it. */
const MAX_HELD = 200

/**
 * Turns as operations. A run starts with its first prompt, answer or tool result; system events from before that wait
 * for it.
 */
export function emitTurns(
  state: RunBeginning,
  key: RunKey,
  turns: readonly DialectTurn[],
  start: () => StartOperation,
): Operation[] {
  const operations: Operation[] = []
  for (const turn of turns) {
    const operation: TurnOperation = { op: "turn", key, turn }
    if (!state.started && turn.kind === "system") {
      state.heldTurns.push(operation)
      if (state.heldTurns.length > MAX_HELD) state.heldTurns.shift()
      continue
    }
    operations.push(...beginRun(state, start), operation)
  }
  return operations
}

/** The start of the run and the events that waited for it; nothing if it has started. */
export function beginRun(state: RunBeginning, start: () => StartOperation): Operation[] {
  if (state.started) return []
  state.started = true
  const held = state.heldTurns
  state.heldTurns = []
  return [start(), ...held]
}

/** Counts a skipped record by its type; at most 100 types are kept apart. */
export function countSkipped(skipped: Record<string, number>, type: string): void {
  const known = Object.hasOwn(skipped, type) || Object.keys(skipped).length < 100
  const name = known ? type : "others"
  skipped[name] = (skipped[name] ?? 0) + 1
}
