import { persist } from "zustand/middleware"
import { createStore } from "zustand/vanilla"
import { browserStorage, storageName } from "@/components/ui/browserStorage"

/** `unsupported`: the browser has no notifications, or none on pages without TLS. */
export type NotificationPermissionState = NotificationPermission | "unsupported"

export type NotificationState = {
  /** The runs that raise notifications in this browser, in the order they were chosen. */
  runIds: readonly string[]
  permission: NotificationPermissionState
}

type StoredState = Pick<NotificationState, "runIds">

const STORAGE_KEY = storageName("turnline_followed_runs")
/** Each followed run is a subscription. Beyond this limit, the oldest is dropped. */
export const MAX_FOLLOWED = 20
const MAX_ID_CHARS = 128

export const notifications = createStore<NotificationState>()(
  persist((): NotificationState => ({ runIds: [], permission: "default" }), {
    name: STORAGE_KEY,
    storage: browserStorage<StoredState>(),
    partialize: ({ runIds }): StoredState => ({ runIds }),
    merge: (stored, state) => ({ ...state, runIds: readFollowed(stored) }),
    skipHydration: true,
  }),
)

/** Validates stored state. Anything unexpected is dropped. */
export function readFollowed(stored: unknown): string[] {
  if (typeof stored !== "object" || stored === null || !("runIds" in stored)) return []
  if (!Array.isArray(stored.runIds)) return []
  const ids = stored.runIds.filter(
    (id): id is string => typeof id === "string" && id !== "" && id.length <= MAX_ID_CHARS,
  )
  return [...new Set(ids)].slice(-MAX_FOLLOWED)
}

/** Adds a run at the end, or removes it. Beyond the limit, the oldest runs are dropped. */
export function withFollowed(ids: readonly string[], runId: string, on: boolean): string[] {
  const others = ids.filter((id) => id !== runId)
  return on ? [...others, runId].slice(-MAX_FOLLOWED) : others
}

/** Loads the stored runs and keeps them in sync with other tabs. Returns a function that stops the synchronization. */
export function openNotifications(): () => void {
  const load = () => {
    void notifications.persist.rehydrate()
    notifications.setState({ permission: currentPermission() })
  }
  const onStorage = (event: StorageEvent) => {
    if (event.key === STORAGE_KEY || event.key === null) load()
  }
  load()
  window.addEventListener("storage", onStorage)
  return () => window.removeEventListener("storage", onStorage)
}

/** Turns notifications for a run on or off. Doesn't ask for permission: call `requestPermission` on a click. */
export function followRun(runId: string, on: boolean): void {
  notifications.setState(({ runIds }) => ({ runIds: withFollowed(runIds, runId, on) }))
}

/** Asks for the browser's permission, unless it has been decided before. Browsers require a click. */
export async function requestPermission(): Promise<void> {
  const before = currentPermission()
  const permission = before === "default" ? await Notification.requestPermission() : before
  notifications.setState({ permission })
}

function currentPermission(): NotificationPermissionState {
  return "Notification" in window && window.isSecureContext ? Notification.permission : "unsupported"
}
