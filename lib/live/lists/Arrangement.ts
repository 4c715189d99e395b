import type { RunSummary } from "@/lib/protocol/run"
import { isInTrouble, isWaiting } from "@/lib/trace/matchesFilter"
import { compareInSection, RUN_SECTIONS, type RunSection, runSection } from "@/lib/trace/state/runSection"
import type { LiveCounts, SectionSizes } from "./RunListState"

/** The runs of each section, in order. */
export type Arrangement = ReadonlyMap<RunSection, readonly string[]>
type ById = ReadonlyMap<string, RunSummary>

/** Arranges runs in progress by section. Ended runs keep the given order. */
export function arrange(liveIds: Iterable<string>, endedIds: readonly string[], byId: ById): Arrangement {
  const runs = new Map<RunSection, RunSummary[]>(RUN_SECTIONS.map((section) => [section, []]))
  for (const id of liveIds) {
    const run = byId.get(id)
    if (run !== undefined && run.status === "in_progress") runs.get(runSection(run))?.push(run)
  }
  const sections = new Map<RunSection, readonly string[]>()
  for (const [section, own] of runs) {
    own.sort(compareInSection(section))
    sections.set(
      section,
      own.map((run) => run.run_id),
    )
  }
  return sections.set("ended", endedIds)
}

/** Counts runs in progress as the server does. */
export function countLive(liveIds: Iterable<string>, byId: ById): LiveCounts {
  const counts = { in_progress: 0, waiting: 0, trouble: 0 }
  for (const id of liveIds) {
    const run = byId.get(id)
    if (run === undefined || run.status !== "in_progress") continue
    counts.in_progress++
    if (isWaiting(run)) counts.waiting++
    if (isInTrouble(run)) counts.trouble++
  }
  return counts
}

/** Returns the sizes of the sections of runs in progress. */
export function sizesOf(arrangement: Arrangement): SectionSizes {
  return new Map(
    [...arrangement].flatMap(([section, ids]) =>
      section === "ended" ? [] : [[section, ids.length] as const],
    ),
  )
}

/** Returns what a held list shows: the same rows without deleted runs, plus further pages of ended runs. */
export function withoutRuns(shown: Arrangement, target: Arrangement, byId: ById): Arrangement {
  const next = new Map<RunSection, readonly string[]>()
  for (const section of RUN_SECTIONS) {
    if (section === "ended") continue
    const ids = shown.get(section) ?? []
    next.set(section, ids.every((id) => byId.has(id)) ? ids : ids.filter((id) => byId.has(id)))
  }
  const elsewhere = new Set([...next.values()].flat())
  const ended = target.get("ended") ?? []
  return next.set(
    "ended",
    ended.some((id) => elsewhere.has(id)) ? ended.filter((id) => !elsewhere.has(id)) : ended,
  )
}

/** Counts the runs that are shown in a section to which they no longer belong, and the runs that aren't shown yet. */
export function compareArrangements(
  shown: Arrangement,
  target: Arrangement,
  pendingEnded: readonly string[],
): { moved: number; pendingNew: number } {
  const targets = sectionsById(target)
  for (const id of pendingEnded) targets.set(id, "ended")
  const present = sectionsById(shown)
  let moved = 0
  for (const [id, section] of present) if (targets.get(id) !== section) moved++
  let pendingNew = 0
  for (const id of targets.keys()) if (!present.has(id)) pendingNew++
  return { moved, pendingNew }
}

function sectionsById(arrangement: Arrangement): Map<string, RunSection> {
  return new Map([...arrangement].flatMap(([section, ids]) => ids.map((id) => [id, section] as const)))
}
