/** A timer may fire a little early; past the boundary by this much it never does. */
const PAST_BOUNDARY_MS = 2

type Group = { listeners: Set<() => void>; timer: ReturnType<typeof setTimeout> | undefined }

/**
 * One timer for all that tick at the same step, aligned to multiples of the step in server time. It rests while the tab is
 * hidden; when the tab is shown again everybody is called at once.
 */
export function createTicker(serverNow: () => number) {
  const groups = new Map<number, Group>()
  const hidden = () => typeof document !== "undefined" && document.hidden

  function schedule(stepMs: number, group: Group) {
    clearTimeout(group.timer)
    if (hidden() || group.listeners.size === 0) return
    const past = serverNow() % stepMs
    group.timer = setTimeout(
      () => {
        for (const listener of [...group.listeners]) listener()
        schedule(stepMs, group)
      },
      stepMs - past + PAST_BOUNDARY_MS,
    )
  }

  function shown() {
    for (const [stepMs, group] of groups) {
      if (!hidden()) for (const listener of [...group.listeners]) listener()
      schedule(stepMs, group)
    }
  }

  return function onTick(stepMs: number, listener: () => void): () => void {
    if (groups.size === 0 && typeof document !== "undefined") {
      document.addEventListener("visibilitychange", shown)
    }
    const group = groups.get(stepMs) ?? { listeners: new Set(), timer: undefined }
    groups.set(stepMs, group)
    group.listeners.add(listener)
    if (group.listeners.size === 1) schedule(stepMs, group)
    return () => {
      group.listeners.delete(listener)
      if (group.listeners.size > 0) return
      clearTimeout(group.timer)
      if (groups.get(stepMs) === group) groups.delete(stepMs)
      if (groups.size === 0 && typeof document !== "undefined") {
        document.removeEventListener("visibilitychange", shown)
      }
    }
  }
}
