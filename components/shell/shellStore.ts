import { persist } from "zustand/middleware"
import { createStore } from "zustand/vanilla"
import { browserStorage, storageName } from "@/components/ui/browserStorage"

/** Which dialogs are open, and the viewer's preference for single-letter shortcuts (stored in this browser). */
export type ShellState = { goToOpen: boolean; keysOpen: boolean; singleKeys: boolean }

type StoredState = Pick<ShellState, "singleKeys">

export const shell = createStore<ShellState>()(
  persist((): ShellState => ({ goToOpen: false, keysOpen: false, singleKeys: true }), {
    name: storageName("turnline_shell"),
    storage: browserStorage<StoredState>(),
    partialize: ({ singleKeys }): StoredState => ({ singleKeys }),
    merge: (stored, state) => ({ ...state, singleKeys: isOn(stored) }),
    skipHydration: true,
  }),
)

function isOn(stored: unknown): boolean {
  return !(
    typeof stored === "object" &&
    stored !== null &&
    "singleKeys" in stored &&
    stored.singleKeys === false
  )
}
