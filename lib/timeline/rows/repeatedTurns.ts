import type { TurnOutline } from "@/lib/protocol/turn"

/** Longer cycles aren't recognized. */
const MAX_CYCLE = 6
/** Two equal turns are folded. A cycle must repeat more often, because folding it hides several rows. */
const MIN_REPEATS = 2
const MIN_CYCLE_REPEATS = 4

/** Consecutive turns that repeat: `length` turns that consist of repetitions of a cycle of `cycle` turns. */
export type Repeat = { readonly length: number; readonly cycle: number }

const NO_REPEAT: Repeat = { length: 1, cycle: 1 }

export function isRepeat({ length }: Repeat): boolean {
  return length > 1
}

/**
 * Finds the repetition that starts at a position: the shortest cycle of up to 6 turns that repeats often enough.
 *
 * @param outlineAt returns the outline at a position, or undefined if unknown, which never counts as equal.
 * @param mayEndAt returns whether a cycle of several turns may end before this position.
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

/** Returns true if the rows of two turns look the same. A turn with a child run never equals another one. */
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
