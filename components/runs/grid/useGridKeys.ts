"use client"

import { type RefObject, useCallback } from "react"
import { type KeyBindings, useKeys } from "@/components/shell/keys/useKeys"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSection } from "@/lib/trace/state/runSection"
import type { GridActions } from "./GridContext"
import { clearSelection, selectRange, toggleSelected } from "./gridStore"
import { type GridGroup, type GridLayout, headerKey, stepStop } from "./layoutGrid"

/** How many rows stay visible when PageUp or PageDown moves by a page. */
const PAGE_OVERLAP = 2

export type GridKeysOptions = {
  grid: RefObject<HTMLElement | null>
  layout: GridLayout
  groups: readonly GridGroup[]
  actions: GridActions
  turnOf: (runId: string) => number | undefined
  setFolded: (runId: string, isFolded: boolean) => void
  onFoldSection: (section: RunSection) => void
}

/**
 * The grid's keyboard shortcuts: j, k and arrows to move, with Shift to select; Enter to open; Space to select; brackets
 * and horizontal arrows to fold.
 */
export function useGridKeys(options: GridKeysOptions): void {
  const { grid, layout, actions, turnOf } = options
  const { store, open } = actions
  const isInside = () => grid.current !== null && grid.current === document.activeElement
  const active = () => store.getState().active
  const fold = useFolding(options)

  const moveTo = (stop: string | undefined, isRange = false): boolean => {
    if (stop === undefined) return false
    store.setState((state) =>
      isRange ? { ...selectRange(state, stop, layout.stops), active: stop } : { ...state, active: stop },
    )
    grid.current?.focus({ preventScroll: true })
    // Deferred until the active row is rendered, because it may have been far away.
    requestAnimationFrame(() => scrollToActive(grid.current))
    return true
  }
  const step = (by: number, event?: KeyboardEvent) =>
    moveTo(stepStop(layout.stops, active(), by), event?.shiftKey === true)
  const select = (change: typeof clearSelection) => store.setState(change)

  const whenInside = (act: (event: KeyboardEvent) => unknown) => (event: KeyboardEvent) =>
    isInside() ? act(event) : false
  const bindings: [string, KeyBindings[string]][] = [
    ["j", () => step(1)],
    ["k", () => step(-1)],
    ["g", () => moveTo(layout.stops[0])],
    ["G", () => moveTo(layout.stops.at(-1))],
    ["ArrowDown", whenInside((event) => step(1, event))],
    ["ArrowUp", whenInside((event) => step(-1, event))],
    ["PageDown", whenInside((event) => step(pageRows(grid.current), event))],
    ["PageUp", whenInside((event) => step(-pageRows(grid.current), event))],
    ["Home", whenInside(() => moveTo(layout.stops[0]))],
    ["End", whenInside(() => moveTo(layout.stops.at(-1)))],
    ["[", () => fold(true)],
    ["]", () => fold(false)],
    ["ArrowLeft", whenInside(() => fold(true))],
    ["ArrowRight", whenInside(() => fold(false))],
    ["Escape", whenInside(() => store.getState().selected.size > 0 && select(clearSelection))],
    [
      " ",
      whenInside(() => {
        const runId = active()
        if (runId !== undefined) select((state) => toggleSelected(state, runId))
      }),
    ],
    [
      "mod+a",
      whenInside(() => {
        const runs = layout.items.flatMap(({ group, at }) =>
          at === "header" ? [] : (options.groups[group]?.rows[at]?.runId ?? []),
        )
        store.setState({ selected: new Set(runs) })
      }),
    ],
    ["Enter", whenInside(() => fold("toggle") || (active() !== undefined && openActive(false)))],
    ["mod+enter", whenInside(() => openActive(true))],
  ]
  const openActive = (newTab: boolean) => {
    const runId = active()
    if (runId === undefined || !layout.itemOf.has(runId)) return false
    open(runId, turnOf(runId), newTab)
    return true
  }
  useKeys(Object.fromEntries(bindings))
}

/** Folds the section whose header is active, or the children of the active run, or else the run's section. */
function useFolding(options: GridKeysOptions): (isFolded: boolean | "toggle") => boolean {
  const { actions, groups, setFolded, onFoldSection } = options
  const live = useLive()
  return useCallback(
    (isFolded) => {
      const { active } = actions.store.getState()
      if (active === undefined) return false
      const header = groups.find(({ section }) => section !== undefined && headerKey(section) === active)
      if (header?.section !== undefined) {
        if (isFolded === true) return false
        onFoldSection(header.section)
        actions.store.setState({ active: header.rows[0]?.runId })
        return true
      }
      if (isFolded === "toggle") return false
      const group = groups.find(({ rows }) => rows.some(({ runId }) => runId === active))
      const row = group?.rows.find(({ runId }) => runId === active)
      const hasChildren = (live.runs.getState().byId.get(active)?.child_count ?? 0) > 0
      if (row !== undefined && hasChildren && row.isUnfolded === isFolded) {
        setFolded(active, isFolded)
        return true
      }
      if (!isFolded || group?.section === undefined) return false
      onFoldSection(group.section)
      actions.store.setState({ active: headerKey(group.section) })
      return true
    },
    [actions, groups, setFolded, onFoldSection, live],
  )
}

function pageRows(grid: HTMLElement | null): number {
  const height = grid?.querySelector("[data-run-id]")?.clientHeight ?? 28
  return Math.max(1, Math.floor(window.innerHeight / height) - 8 - PAGE_OVERLAP)
}

/** Scrolls as little as needed for the active row to be visible between the sticky headers and the bottom. */
export function scrollToActive(grid: HTMLElement | null): void {
  const row = grid?.querySelector("[data-active]")
  if (!(row instanceof HTMLElement)) return
  const box = row.getBoundingClientRect()
  const heads = grid?.querySelector(".run-heads")?.getBoundingClientRect().bottom ?? 0
  const header = row.closest("[data-section]")?.querySelector(".run-section-head")
  const isHeader = row.classList.contains("run-section-head")
  const top = heads + (isHeader ? 0 : (header?.clientHeight ?? 0))
  const bottom = window.innerHeight - box.height
  if (box.top < top) window.scrollBy({ top: box.top - top })
  else if (box.bottom > bottom) window.scrollBy({ top: box.bottom - bottom })
}
