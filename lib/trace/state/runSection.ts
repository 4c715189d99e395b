import type { RunSummary } from "@/lib/protocol/run"
import { isInTrouble, isWaiting } from "@/lib/trace/matchesFilter"
import { byNewest } from "./laterSummary"

/** The sections of the list of runs, most urgent first. */
export const RUN_SECTIONS = ["needs-you", "trouble", "working", "idle", "ended"] as const
export type RunSection = (typeof RUN_SECTIONS)[number]

/** Returns a run's section. A disconnected agent can't be answered, so its run doesn't need anyone. */
export function runSection(run: RunSummary): RunSection {
  if (run.status !== "in_progress") return "ended"
  if (run.connected && isWaiting(run)) return "needs-you"
  if (isInTrouble(run)) return "trouble"
  return run.connected && run.activity?.waiting_kind === "prompt" ? "idle" : "working"
}

/**
 * Returns the comparator for a section: "needs-you" by longest wait, "trouble" by newest trouble, all others by newest
 * run.
 */
export function compareInSection(section: RunSection): (a: RunSummary, b: RunSummary) => number {
  if (section === "needs-you")
    return (a, b) => compareTexts(waitingSince(a), waitingSince(b)) || byNewest(a, b)
  if (section === "trouble") return (a, b) => compareTexts(troubleSince(b), troubleSince(a)) || byNewest(a, b)
  return byNewest
}

function waitingSince(run: RunSummary): string {
  return run.waiting_since ?? run.activity?.since ?? run.started_at
}

function troubleSince(run: RunSummary): string {
  return (
    (run.trouble ?? [])
      .map(({ since }) => since)
      .sort()
      .at(-1) ?? ""
  )
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
