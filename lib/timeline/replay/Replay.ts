import { timeMs } from "@/lib/trace/state/runState"
import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"

/** How fast a run can be played, in run time per real time. */
export const REPLAY_SPEEDS = [1, 2, 5, 10, 25, 50, 100] as const

/** A player of a run: at `runMs` of the axis when the real clock said `atMs`, going on from there while it plays. */
export type Replay = {
  readonly playing: boolean
  readonly speed: number
  /** A place on the run's time axis (gaps folded there are short here too), in its milliseconds. */
  readonly runMs: number
  readonly atMs: number
}

/** A player that stands at a place. */
export function replayFrom(runMs: number): Replay {
  return { playing: false, speed: 1, runMs, atMs: 0 }
}

/** Where the player is when the real clock says `nowMs` (any monotonic milliseconds); never past `endMs`, never back. */
export function replayPlace(replay: Replay, nowMs: number, endMs: number): number {
  if (!replay.playing) return Math.min(replay.runMs, endMs)
  return Math.min(endMs, replay.runMs + Math.max(0, nowMs - replay.atMs) * replay.speed)
}

/** Plays on from where it is, or from `startMs` when it stands at the end. */
export function play(replay: Replay, nowMs: number, startMs: number, endMs: number): Replay {
  const place = replayPlace(replay, nowMs, endMs)
  return { ...replay, playing: true, runMs: place >= endMs ? startMs : place, atMs: nowMs }
}

/** Stops where it is. */
export function pause(replay: Replay, nowMs: number, endMs: number): Replay {
  return { ...replay, playing: false, runMs: replayPlace(replay, nowMs, endMs), atMs: nowMs }
}

/** Goes on at another speed, 1 to 100, without a jump. */
export function atSpeed(replay: Replay, speed: number, nowMs: number, endMs: number): Replay {
  const bounded = Number.isFinite(speed) ? Math.min(100, Math.max(1, speed)) : 1
  return { ...replay, speed: bounded, runMs: replayPlace(replay, nowMs, endMs), atMs: nowMs }
}

/** Goes to a place, playing or not. */
export function seek(replay: Replay, runMs: number, nowMs: number): Replay {
  return { ...replay, runMs, atMs: nowMs }
}

/**
 * The cursor of a run as of a clock time: how many of its turns `0 … cursor - 1` had been recorded by then. `recorded_at`
 * never goes back, so this rises with time; a turn appears when it was recorded, as it did for those who watched.
 */
export function cursorAt(view: { outlines: OutlineList; cursor: number }, ms: number): number {
  let low = 0
  let high = view.cursor
  while (low < high) {
    const middle = (low + high) >> 1
    if ((timeMs(outlineAt(view.outlines, middle)?.recorded_at) ?? 0) <= ms) low = middle + 1
    else high = middle
  }
  return low
}
