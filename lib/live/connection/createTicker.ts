/** Timers may fire slightly early. This margin ensures that the boundary has passed. */
const MARGIN_MS = 2

type Group = { listeners: Set<() => void>; timer: ReturnType<typeof setTimeout> | undefined }

/**
 * Runs one timer per step for all its listeners, aligned to multiples of the step in server time. Paused while the tab
 * is hidden; when the tab becomes visible, all listeners are called immediately.
 */
export function createTicker(serverNow: () => number) {
  const groups = new Map<number, Group>()
  const hidden = () => typeof document !== "undefined" && document.hidden

  function schedule(stepMs: number, group: Group) {
    clearTimeout(group.timer)
    if (hidden() || group.listeners.size === 0) return
    const sinceBoundary = serverNow() % stepMs
    group.timer = setTimeout(
      () => {
        for (const listener of [...group.listeners]) listener()
        schedule(stepMs, group)
      },
      stepMs - sinceBoundary + MARGIN_MS,
    )
  }

  function onVisibilityChange() {
    for (const [stepMs, group] of groups) {
      if (!hidden()) for (const listener of [...group.listeners]) listener()
      schedule(stepMs, group)
    }
  }

  return function onTick(stepMs: number, listener: () => void): () => void {
    if (groups.size === 0 && typeof document !== "undefined") {
      document.addEventListener("visibilitychange", onVisibilityChange)
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
        document.removeEventListener("visibilitychange", onVisibilityChange)
      }
    }
  }
}
