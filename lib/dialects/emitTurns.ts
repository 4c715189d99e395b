import type { DialectTurn, Operation, RunKey, StartOperation, TurnOperation } from "./operations"

/** The part of a reducer's state that concerns the start of its run. */
export type RunBeginning = {
  started: boolean
  /** System events from before the start. */
  heldTurns: TurnOperation[]
}

/** Maximum number of system events held until a run starts. The oldest are dropped first. */
const MAX_HELD = 200

/**
 * Converts turns to operations. A run starts with its first prompt, answer or tool result. Earlier system events are
 * held until then.
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

/** Returns the start of the run and the events held for it, or nothing if it has already started. */
export function beginRun(state: RunBeginning, start: () => StartOperation): Operation[] {
  if (state.started) return []
  state.started = true
  const held = state.heldTurns
  state.heldTurns = []
  return [start(), ...held]
}

/** Counts a skipped record by its type. At most 100 types are counted separately. */
export function countSkipped(skipped: Record<string, number>, type: string): void {
  const known = Object.hasOwn(skipped, type) || Object.keys(skipped).length < 100
  const name = known ? type : "others"
  skipped[name] = (skipped[name] ?? 0) + 1
}
