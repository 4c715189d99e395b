import type { TurnOutline } from "@/lib/protocol/turn"

/** Longer cycles aren't recognized. */
const MAX_CYCLE = 6
/** A second equal turn folds; a cycle needs more, since it takes several rows away. */
const MIN_REPEATS = 2
const MIN_CYCLE_REPEATS = 4

/** Consecutive turns that repeat: `length` turns, which are a cycle of `cycle` turns several times over. */
export type Repeat = { readonly length: number; readonly cycle: number }

const NO_REPEAT: Repeat = { length: 1, cycle: 1 }

export function isRepeat({ length }: Repeat): boolean {
  return length > 1
}

/**
 * The repetition that starts at a position: the shortest cycle of up to 6 turns that occurs often enough in a row.
 *
 * @param outlineAt the outline at a position; undefined if unknown, which equals nothing.
 * @param mayEndAt whether a cycle of several turns may end before this position.
 */
export function repeatsAt(
  outlineAt: (position: number) => TurnOutline | undefined,
  start: number,
  end: number,
  mayEndAt: (position: number) => boolean,
): Repeat {
  for (let cycle = 1; cycle <= MAX_CYCLE; cycle++) {
    const minLength = cycle * (cycle === 1 ? MIN_REPEATS : MIN_CYCLE_REPEATS)
    if (start + minLength > end || (cycle > 1 && !mayEndAt(start + minLength))) break
    let length = cycle
    while (start + length < end && areEqual(outlineAt(start + length - cycle), outlineAt(start + length)))
      length++
    length -= length % cycle
    if (cycle > 1) while (length >= minLength && !mayEndAt(start + length)) length -= cycle
    if (length >= minLength) return { length, cycle }
  }
  return NO_REPEAT
}

/** Two turns whose rows look the same. A turn with a child run equals no other one. */
function areEqual(a: TurnOutline | undefined, b: TurnOutline | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return (
    a.title === b.title &&
    a.kind === b.kind &&
    a.tool === b.tool &&
    a.error === b.error &&
    a.error_text === b.error_text &&
    a.exit_code === b.exit_code &&
    a.child_run_id === undefined &&
    b.child_run_id === undefined
  )
}
