import type { RunSection } from "@/lib/trace/state/runSection"
import type { GridRun } from "./gridItems"

/** A group of rows: a section, or a sorted list, which has no section. */
export type GridGroup = {
  readonly section: RunSection | undefined
  readonly count: number
  readonly isFolded: boolean
  readonly rows: readonly GridRun[]
}

/**
 * An item of the grid: the header of a group, or one of the group's rows (`at`). Items are ordered from top to bottom.
 */
type GridItem = { readonly group: number; readonly at: number | "header" }

export type GridLayout = {
  readonly items: readonly GridItem[]
  /** The keys of items that can be active: runs, and the headers of folded sections. */
  readonly stops: readonly string[]
  readonly itemOf: ReadonlyMap<string, number>
}

/** Returns the key of a section's header. */
export function headerKey(section: RunSection): string {
  return `section ${section}`
}

/** Numbers the rows of all groups from top to bottom. */
export function layoutGrid(groups: readonly GridGroup[]): GridLayout {
  const items: GridItem[] = []
  const stops: string[] = []
  const itemOf = new Map<string, number>()
  for (const [group, { section, isFolded, rows }] of groups.entries()) {
    if (section !== undefined && isFolded) {
      stops.push(headerKey(section))
      itemOf.set(headerKey(section), items.length)
    }
    items.push({ group, at: "header" })
    for (const [at, { runId }] of rows.entries()) {
      stops.push(runId)
      itemOf.set(runId, items.length)
      items.push({ group, at })
    }
  }
  return { items, stops, itemOf }
}

/**
 * Returns the stop that is `by` steps away from the active one, or the first or last stop if it would be out of bounds.
 * Without an active stop, returns the first stop, or the last one if `by` is negative.
 */
export function stepStop(
  stops: readonly string[],
  active: string | undefined,
  by: number,
): string | undefined {
  const at = active === undefined ? -1 : stops.indexOf(active)
  if (at < 0) return by > 0 ? stops[0] : stops.at(-1)
  return stops[Math.max(0, Math.min(stops.length - 1, at + by))]
}
