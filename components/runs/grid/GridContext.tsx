"use client"

import { createContext, useContext } from "react"
import type { GridStore } from "./gridStore"

/** What rows need from the grid. The object never changes, so that rows don't re-render. */
export type GridActions = {
  store: GridStore
  /** Opens a run's page, at a turn if given. `newTab` leaves this page as it is. */
  open: (runId: string, turn: number | undefined, newTab: boolean) => void
  /** Stores the scroll position for going back, and makes the row active. */
  leave: (runId: string) => void
  toggleFold: (runId: string) => void
  /** Selects or deselects a run. With `range`, selects all runs from the last selected one to this one. */
  select: (runId: string, range: boolean) => void
}

const Context = createContext<GridActions | undefined>(undefined)
export const GridContext = Context.Provider

export function useGrid(): GridActions {
  const actions = useContext(Context)
  if (actions === undefined) throw new Error("useGrid needs a GridContext above it")
  return actions
}
