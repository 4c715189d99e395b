import { persist } from "zustand/middleware"
import { createStore } from "zustand/vanilla"
import { browserStorage, storageName } from "@/components/ui/browserStorage"

/** The inspector's share of the page width, in percent. */
export const PANE = { min: 25, max: 65, initial: 40 } as const

export type RunPagePreferences = {
  paneShare: number
  /** Optional columns of the timeline. */
  showCost: boolean
  showModel: boolean
}

/** The preferences of the run page, stored in this browser. */
export const preferences = createStore<RunPagePreferences>()(
  persist(() => ({ paneShare: PANE.initial, showCost: false, showModel: false }) as RunPagePreferences, {
    name: storageName("turnline_run_page"),
    storage: browserStorage<RunPagePreferences>(),
    skipHydration: true,
    merge: (stored, initial) => ({ ...initial, ...validPreferences(stored) }),
  }),
)

function validPreferences(stored: unknown): Partial<RunPagePreferences> {
  if (typeof stored !== "object" || stored === null) return {}
  const { paneShare, showCost, showModel } = stored as Partial<Record<keyof RunPagePreferences, unknown>>
  return {
    ...(typeof paneShare === "number" && Number.isFinite(paneShare) && { paneShare: withinPane(paneShare) }),
    ...(typeof showCost === "boolean" && { showCost }),
    ...(typeof showModel === "boolean" && { showModel }),
  }
}

function withinPane(percent: number): number {
  return Math.min(PANE.max, Math.max(PANE.min, Math.round(percent * 10) / 10))
}

/** Sets the inspector's share of the page width, within its limits. Ignores invalid numbers. */
export function setPaneShare(percent: number): void {
  if (Number.isFinite(percent)) preferences.setState({ paneShare: withinPane(percent) })
}
