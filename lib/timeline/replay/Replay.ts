/** Available replay speeds: how many seconds of the run are shown per second. */
export const REPLAY_SPEEDS = [1, 2, 5, 10, 25, 50, 100] as const

/** A replay that was at `position` when the real clock showed `startedAt`. */
export type Replay = {
  readonly speed: number
  /** A position on the run's time axis in milliseconds. Folded gaps are short here, too. */
  readonly position: number
  /** Monotonic milliseconds. */
  readonly startedAt: number
}

/** Returns the position at the real time `now` (monotonic milliseconds). Never past `end`, never moving backwards. */
export function replayPosition({ speed, position, startedAt }: Replay, now: number, end: number): number {
  return Math.min(end, position + Math.max(0, now - startedAt) * speed)
}
