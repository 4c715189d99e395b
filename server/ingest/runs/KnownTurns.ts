type Known = {
  tool?: string | undefined
  call_id?: string | undefined
  response_id?: string | undefined
  attributes?: Record<string, unknown> | undefined
}

/** Returns the ids by which the turn of a step is recognized. */
export function turnIds({ attributes }: Known): string[] {
  return [attributes?.source_id, attributes?.span_id].filter((id) => typeof id === "string")
}

/**
 * The turns of a run that was found again: those that it had, and those stored since. A step is recognized by its own
 * id. A turn that was made from a log record is recognized by the response or call that the record names, and a turn
 * that was made from a model's history by its call id. No other turn is recognized by its call id, because many servers
 * reuse call ids.
 */
export class KnownTurns {
  readonly #ids = new Set<string>()
  /** The number of turns with each call id. */
  readonly #calls = new Map<string, number>()
  /** The turns that were made from a history, by tool and call id. */
  readonly #rebuilt = new Set<string>()
  /**
   * The turns that were made from a log record, by the response or call that the record names. A turn is removed once the
   * step itself arrives.
   */
  readonly #logged = new Set<string>()

  add(turn: Known): void {
    for (const id of turnIds(turn)) this.#ids.add(id)
    for (const id of logIds(turn)) (this.#ids.has(id) ? this.#logged : this.#ids).add(id)
    if (turn.call_id === undefined) return
    this.#calls.set(turn.call_id, (this.#calls.get(turn.call_id) ?? 0) + 1)
    if (isRebuilt(turn)) this.#rebuilt.add(callName(turn))
  }

  has(turn: Known): boolean {
    const ids = turnIds(turn)
    if (ids.some((id) => this.#ids.has(id))) return true
    for (const id of logIds(turn)) {
      if (!this.#logged.delete(id)) continue
      for (const own of ids) this.#ids.add(own)
      return true
    }
    if (turn.call_id === undefined) return false
    if (isRebuilt(turn)) return (this.#calls.get(turn.call_id) ?? 0) >= timesUsed(turn)
    // The turn was made from a history before the step itself arrived. From now on, the step's own id identifies it.
    const isClaimed = this.#rebuilt.delete(callName(turn))
    if (isClaimed) for (const id of ids) this.#ids.add(id)
    return isClaimed
  }
}

/** Returns the ids that a turn made from a log record of the same step would have. */
function logIds({ call_id, response_id }: Known): string[] {
  return [
    ...(response_id === undefined ? [] : [`request:${response_id}`]),
    ...(call_id === undefined ? [] : [`tool:${call_id}`]),
  ]
}

function isRebuilt({ attributes }: Known): boolean {
  return attributes?.span_id === undefined && String(attributes?.source_id).startsWith("call:")
}

/** Returns a turn's position among the turns with the same call id, counted from 1. */
function timesUsed({ call_id, attributes }: Known): number {
  const n = Number(String(attributes?.source_id).slice(`call:${call_id}:`.length))
  return n >= 2 ? n : 1
}

function callName({ tool, call_id }: Known): string {
  return JSON.stringify([tool, call_id])
}
