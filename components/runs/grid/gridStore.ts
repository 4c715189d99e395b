import { createStore, type StoreApi } from "zustand/vanilla"

/** The active row of the grid, and the selected runs. */
export type GridState = {
  active: string | undefined
  selected: ReadonlySet<string>
  /** Where a range selection starts. */
  anchor: string | undefined
}

export type GridStore = StoreApi<GridState>

const EMPTY: GridState = { active: undefined, selected: new Set(), anchor: undefined }

export function createGridStore(): GridStore {
  return createStore<GridState>(() => EMPTY)
}

/** Selects or deselects one run. */
export function toggleSelected(state: GridState, runId: string): GridState {
  const selected = new Set(state.selected)
  if (!selected.delete(runId)) selected.add(runId)
  return { ...state, selected, anchor: runId }
}

/** Selects the runs from the anchor to the given run. */
export function selectRange(state: GridState, runId: string, order: readonly string[]): GridState {
  const from = order.indexOf(state.anchor ?? state.active ?? runId)
  const to = order.indexOf(runId)
  if (to < 0) return state
  const range = from < 0 ? [runId] : order.slice(Math.min(from, to), Math.max(from, to) + 1)
  return { ...state, selected: new Set([...state.selected, ...range]), anchor: order[from] ?? runId }
}

/** Deselects all runs. */
export function clearSelection(state: GridState): GridState {
  return { ...state, selected: new Set(), anchor: undefined }
}

/** Drops runs that no longer exist. */
export function keepSelected(state: GridState, exists: (runId: string) => boolean): GridState {
  const selected = [...state.selected].filter(exists)
  return selected.length === state.selected.size ? state : { ...state, selected: new Set(selected) }
}
