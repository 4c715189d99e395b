import { expect, test } from "vitest"
import type { RunFilter } from "@/lib/protocol/commands"
import { type FilteredRun, matchesFilter } from "./matchesFilter"

const run: FilteredRun = {
  run_id: "run-7",
  agent_id: "ci/build",
  agent_name: "Bob ÄRGER",
  intent: "Fix the FLAKY test",
  status: "completed",
  termination: { kind: "outcome", outcome: { status: "success", summary: "All Green" } },
  labels: { env: "prod" },
  parent: { run_id: "p" },
  started_at: "2026-01-01T10:00:00.000Z",
  ended_at: "2026-01-01T11:00:00.000Z",
}
const live: FilteredRun = { ...run, status: "in_progress" }
delete live.termination
delete live.ended_at

const cases: [string, RunFilter, FilteredRun, boolean][] = [
  ["no field admits all", {}, run, true],
  ["agent", { agent_id: "ci/build" }, run, true],
  ["another agent", { agent_id: "ci" }, run, false],
  ["status", { status: ["incomplete", "completed"] }, run, true],
  ["another status", { status: ["in_progress"] }, run, false],
  ["no status", { status: [] }, run, false],
  ["outcome", { outcome: ["success"] }, run, true],
  ["another outcome", { outcome: ["failure"] }, run, false],
  ["outcome of a run in progress", { outcome: ["success"] }, live, false],
  ["not waiting", { waiting: true }, live, false],
  ["waiting", { waiting: true }, { ...live, activity: { since: "", waiting_for: "you" } }, true],
  ["failed, of a success", { failed: true }, run, false],
  ["failed, of a run in progress", { failed: true }, live, false],
  ["failed, of an incomplete run", { failed: true }, { ...live, status: "incomplete" }, true],
  [
    "failed, by its outcome",
    { failed: true },
    { ...run, termination: { kind: "outcome", outcome: { status: "timeout" } } },
    true,
  ],
  ["q in the intent, whatever the case", { q: "flaKY" }, run, true],
  ["q in the agent's name, beyond ASCII", { q: "ärger" }, run, true],
  ["q in the agent's id", { q: "CI/" }, run, true],
  ["q in the summary", { q: "green" }, run, true],
  ["q nowhere", { q: "%" }, run, false],
  ["label", { labels: { env: "prod" } }, run, true],
  ["label of another value", { labels: { env: "dev" } }, run, false],
  ["label by an inherited name", { labels: { constructor: "x" } }, run, false],
  ["parent", { parent_run_id: "p" }, run, true],
  ["another parent", { parent_run_id: "q" }, run, false],
  ["started after, inclusive and in another zone", { started_after: "2026-01-01T11:00:00+01:00" }, run, true],
  ["started before, exclusive", { started_before: "2026-01-01T10:00:00.000Z" }, run, false],
  [
    "overlap at its end",
    { overlaps: { from: "2026-01-01T10:30:00Z", to: "2026-01-02T00:00:00Z" } },
    run,
    true,
  ],
  ["after its end", { overlaps: { from: "2026-01-01T11:30:00Z", to: "2026-01-02T00:00:00Z" } }, run, false],
  [
    "still in progress",
    { overlaps: { from: "2026-01-01T11:30:00Z", to: "2026-01-02T00:00:00Z" } },
    live,
    true,
  ],
  [
    "before its start",
    { overlaps: { from: "2026-01-01T08:00:00Z", to: "2026-01-01T09:00:00Z" } },
    live,
    false,
  ],
]

test.each(cases)("a filter matches runs that match every field: %s", (_, filter, subject, admitted) => {
  expect(matchesFilter(filter, subject)).toBe(admitted)
})
