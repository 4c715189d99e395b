/** When a run in progress is in trouble. A threshold of 0 turns its kind off. */
export type TroubleSettings = {
  /** Errors within `windowMs`. */
  readonly errors: number
  readonly windowMs: number
  /** How long a connected agent may send nothing while no tool runs. */
  readonly silentMs: number
  /** How long one tool may run. */
  readonly hangingMs: number
  /** How often in a row the same calls may come. */
  readonly looping: number
  /** How many times as much as usual a run may cost. */
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

/** No run is ever in trouble, unless it is over its budget or its agent is gone. */
export const UNLIMITED: TroubleSettings = {
  ...DEFAULT_TROUBLE,
  errors: 0,
  silentMs: 0,
  hangingMs: 0,
  looping: 0,
  costlyFactor: 0,
}
