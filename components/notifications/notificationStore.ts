import { createStore } from "zustand/vanilla"

/** `unsupported`: this browser raises none, or not on a page without TLS. */
export type NotificationPermissionState = NotificationPermission | "unsupported"

export type NotificationState = {
  /** The runs that this browser is told of, oldest choice first. */
  runIds: readonly string[]
  permission: NotificationPermissionState
}

export const notices = createStore<NotificationState>(() => ({ runIds: [], permission: "default" }))

const KEY = "turnline_followed_runs"
/** Each is a subscription of its own; the oldest choice goes when there are more. */
const MOST = 20

/** Reads a stored list; anything that is no list of run ids is none. */
export function readFollowed(text: string | null): string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]")
    if (!Array.isArray(list)) return []
    const ids = list.filter((id): id is string => typeof id === "string" && id !== "" && id.length <= 128)
    return [...new Set(ids)].slice(-MOST)
  } catch {
    return []
  }
}

/** The list with a run put in at the end, or taken out; never more than a browser follows. */
export function withFollowed(ids: readonly string[], runId: string, on: boolean): string[] {
  const others = ids.filter((id) => id !== runId)
  return on ? [...others, runId].slice(-MOST) : others
}

/** Takes up what an earlier visit chose, and what other tabs choose from now on. Returns how to stop. */
export function openNotifications(): () => void {
  const load = () => notices.setState({ runIds: readFollowed(read()), permission: permissionNow() })
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEY || event.key === null) load()
  }
  load()
  window.addEventListener("storage", onStorage)
  return () => window.removeEventListener("storage", onStorage)
}

/** Has a run raise notices, or no more. Asking the browser's leave is up to whoever was clicked. */
export function followRun(runId: string, on: boolean): void {
  // Read anew: another tab may have chosen meanwhile.
  const runIds = withFollowed(readFollowed(read()), runId, on)
  notices.setState({ runIds })
  try {
    localStorage.setItem(KEY, JSON.stringify(runIds))
  } catch {
    // Storage may be forbidden or full; the choice then holds until the page is left.
  }
}

/** Asks the browser's leave, unless it has answered already; to be called on a click alone. */
export async function askPermission(): Promise<NotificationPermissionState> {
  const before = permissionNow()
  const permission = before === "default" ? await Notification.requestPermission() : before
  notices.setState({ permission })
  return permission
}

function permissionNow(): NotificationPermissionState {
  return "Notification" in window && window.isSecureContext ? Notification.permission : "unsupported"
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return JSON.stringify(notices.getState().runIds)
  }
}
