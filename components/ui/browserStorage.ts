import { createJSONStorage, type PersistStorage, type StateStorage } from "zustand/middleware"
import { basePath } from "@/lib/live/pagePath"

/**
 * `localStorage` that ignores failures, because storage can be blocked or full. State then lasts until the page closes.
 */
const tolerant: StateStorage<void> = {
  getItem(name) {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  },
  setItem(name, value) {
    try {
      localStorage.setItem(name, value)
    } catch {
      // Blocked or full.
    }
  },
  removeItem(name) {
    try {
      localStorage.removeItem(name)
    } catch {
      // Blocked.
    }
  },
}

/** Returns a name for stored state. Servers under other paths of the same host have their own. */
export function storageName(name: string): string {
  return name + basePath()
}

/** Returns the storage for zustand's `persist`. Use it with `skipHydration`, and rehydrate once the page is mounted. */
export function browserStorage<S>(): PersistStorage<S> | undefined {
  return createJSONStorage<S>(() => tolerant)
}
