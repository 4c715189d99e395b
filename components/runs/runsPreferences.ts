import { persist } from "zustand/middleware"
import { createStore } from "zustand/vanilla"
import { browserStorage, storageName } from "@/components/ui/browserStorage"
import { RUN_SECTIONS, type RunSection } from "@/lib/trace/state/runSection"
import { COLUMNS, type ColumnId } from "./grid/columns"

/** The viewer's settings for the Runs page, stored in this browser. */
export type RunsPreferences = {
  hiddenColumns: readonly ColumnId[]
  /** In CSS pixels. Columns that aren't listed have their default width. */
  widths: Readonly<Partial<Record<ColumnId, number>>>
  foldedSections: readonly RunSection[]
  /** Undefined: depends on the height of the window. */
  lanesOpen: boolean | undefined
  /** The last height of the lanes in CSS pixels, which is reserved while they load. */
  lanesPx: number | undefined
}

export const DEFAULT_PREFERENCES: RunsPreferences = {
  hiddenColumns: [],
  widths: {},
  foldedSections: [],
  lanesOpen: undefined,
  lanesPx: undefined,
}

export const runsPreferences = createStore<RunsPreferences>()(
  persist((): RunsPreferences => DEFAULT_PREFERENCES, {
    name: storageName("turnline_runs"),
    storage: browserStorage<RunsPreferences>(),
    merge: (stored) => readPreferences(stored),
    skipHydration: true,
  }),
)

/** Validates stored preferences. Anything unexpected falls back to its default. */
export function readPreferences(stored: unknown): RunsPreferences {
  if (typeof stored !== "object" || stored === null) return DEFAULT_PREFERENCES
  const { hiddenColumns, widths, foldedSections, lanesOpen, lanesPx } = stored as Record<string, unknown>
  const ids = COLUMNS.map((column) => column.id)
  return {
    hiddenColumns: among(hiddenColumns, ids),
    widths: Object.fromEntries(
      ids.flatMap((id) => {
        const width = typeof widths === "object" && widths !== null ? Reflect.get(widths, id) : undefined
        return typeof width === "number" && width > 0 && width < 10_000 ? [[id, width]] : []
      }),
    ),
    foldedSections: among(foldedSections, RUN_SECTIONS),
    lanesOpen: typeof lanesOpen === "boolean" ? lanesOpen : undefined,
    lanesPx: typeof lanesPx === "number" && lanesPx > 0 && lanesPx < 1_000 ? lanesPx : undefined,
  }
}

function among<T extends string>(stored: unknown, known: readonly T[]): T[] {
  return Array.isArray(stored) ? known.filter((one) => stored.includes(one)) : []
}
