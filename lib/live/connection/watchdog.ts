/** A hole that lasts this long is healed by subscribing again. */
const HOLE_MS = 2_000
/** Behind, and nothing came for this long: the stream is taken for lost. */
const STALL_MS = 10_000
/** Each healing that did not help doubles the wait, up to this. */
const LONGEST_MS = 30_000

export type Watchdog = {
  /** Told after each batch how the view stands. */
  look(view: { hole: boolean; behind: boolean }): void
  /** Nothing to watch: not connected, or over. */
  rest(): void
}

/** Calls `heal` when a hole lasts, or when a view stays behind and nothing comes. */
export function watchdog(heal: () => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined
  let watching: "hole" | "stall" | undefined
  let healed = 0

  function watch(what: "hole" | "stall", waitMs: number) {
    clearTimeout(timer)
    watching = what
    timer = setTimeout(
      () => {
        healed++
        watching = undefined
        // Watched anew at once: a healing whose answer is lost must not be the last.
        watch("stall", STALL_MS)
        heal()
      },
      Math.min(LONGEST_MS, waitMs * 2 ** healed),
    )
  }

  return {
    look({ hole, behind }) {
      if (!hole && !behind) {
        clearTimeout(timer)
        watching = undefined
        healed = 0
      } else if (!hole) watch("stall", STALL_MS)
      else if (watching !== "hole") watch("hole", HOLE_MS)
    },
    rest() {
      clearTimeout(timer)
      watching = undefined
      healed = 0
    },
  }
}
