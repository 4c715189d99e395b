import type { SectionRows } from "@/lib/live/lists/RunListState"
import { foldRuns } from "@/lib/trace/foldRuns"
import type { RunSection } from "@/lib/trace/state/runSection"

/** A row of the grid that shows a run. */
export type GridRun = {
  readonly runId: string
  /** The nesting level: how many of the run's parents are shown above it. */
  readonly depth: number
  readonly isUnfolded: boolean
}

/** A section with its header and its visible rows. */
export type GridSection = {
  readonly section: RunSection
  /** All runs in the section, including folded ones. */
  readonly count: number
  readonly isFolded: boolean
  readonly rows: readonly GridRun[]
}

export type Family = {
  unfolded: ReadonlySet<string>
  parentOf: (runId: string) => string | undefined
  childrenOf: (runId: string) => readonly string[] | undefined
  /** Runs that stay at the top level, even if their parents are in the list, because rows are held. */
  roots: ReadonlySet<string>
}

const URGENT: readonly RunSection[] = ["needs-you", "trouble"]

/**
 * Folds child runs under their parents, whichever section the parents are in. Runs that need the user or are in trouble
 * are never folded.
 */
export function gridSections(
  sections: readonly SectionRows[],
  folded: readonly RunSection[],
  family: Family,
): GridSection[] {
  const sectionOf = new Map(sections.flatMap(({ section, ids }) => ids.map((id) => [id, section] as const)))
  const isUrgent = (id: string) => {
    const section = sectionOf.get(id)
    return section !== undefined && URGENT.includes(section)
  }
  const isOnTop = (id: string) => isUrgent(id) || family.roots.has(id)
  const rows = foldRuns(
    sections.flatMap(({ ids }) => ids),
    family.unfolded,
    {
      parentOf: (id) => (isOnTop(id) ? undefined : family.parentOf(id)),
      childrenOf: (id) => family.childrenOf(id)?.filter((child) => !isOnTop(child)),
    },
  )
  const bySection = new Map(sections.map(({ section }) => [section, [] as GridRun[]]))
  let current: GridRun[] | undefined
  for (const { run_id, depth, unfolded } of rows) {
    if (depth === 0) current = bySection.get(sectionOf.get(run_id) ?? "ended")
    current?.push({ runId: run_id, depth, isUnfolded: unfolded })
  }
  return sections.flatMap(({ section, ids }) => {
    const own = bySection.get(section) ?? []
    // All runs of the section may be folded under parents in other sections.
    if (own.length === 0) return []
    const isFolded = folded.includes(section)
    return [{ section, count: ids.length, isFolded, rows: isFolded ? [] : own }]
  })
}

/** Returns the runs that are shown at the top level. */
export function rootsOf(sections: readonly Pick<GridSection, "rows">[]): ReadonlySet<string> {
  return new Set(
    sections.flatMap(({ rows }) => rows.filter(({ depth }) => depth === 0).map(({ runId }) => runId)),
  )
}

/** Returns the rows of a list without sections, in which no run is folded. */
export function flatRows(ids: readonly string[]): GridRun[] {
  return ids.map((runId) => ({ runId, depth: 0, isUnfolded: false }))
}
