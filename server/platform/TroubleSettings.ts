/** Thresholds for trouble in a run in progress. 0 turns a kind of trouble off. */
export type TroubleSettings = {
  /** The number of errors within `windowMs`. */
  readonly errors: number
  readonly windowMs: number
  /** The longest time that a connected agent may be silent while no tool is running. */
  readonly silentMs: number
  /** The longest time that a tool may run. */
  readonly hangingMs: number
  /** How many times in a row the same call or cycle of calls must occur. */
  readonly looping: number
  /** A run is in trouble if it costs this many times its agent's usual cost. */
  readonly costlyFactor: number
}

const MINUTE_MS = 60_000

export const DEFAULT_TROUBLE: TroubleSettings = {
  errors: 3,
  windowMs: 5 * MINUTE_MS,
  silentMs: 3 * MINUTE_MS,
  hangingMs: 10 * MINUTE_MS,
  looping: 4,
  costlyFactor: 5,
}

/** Turns all thresholds off. Runs can still be in trouble by exceeding their budget or losing their agent. */
export const UNLIMITED: TroubleSettings = {
  ...DEFAULT_TROUBLE,
  errors: 0,
  silentMs: 0,
  hangingMs: 0,
  looping: 0,
  costlyFactor: 0,
}
