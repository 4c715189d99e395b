import { expect, test } from "vitest"
import type { WaitingKind } from "@/lib/protocol/enums"
import type { RunSummary } from "@/lib/protocol/run"
import { aRun } from "@/lib/testing/builders"
import { compareInSection, runSection } from "./runSection"

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const waiting = (kind?: WaitingKind) => ({
  activity: { since: at(0), waiting_for: "you", ...(kind && { waiting_kind: kind }) },
})
const trouble = (minute: number): Pick<RunSummary, "trouble"> => ({
  trouble: [{ kind: "errors", since: at(minute), text: "429" }],
})

test("a run that waits for approval or an answer needs you", () => {
  for (const kind of ["approval", "answer", "other", undefined] as const)
    expect(runSection(aRun(waiting(kind)))).toBe("needs-you")
})

test("needing you takes precedence over trouble", () => {
  expect(runSection(aRun({ ...waiting("approval"), ...trouble(1) }))).toBe("needs-you")
})

test("a disconnected run doesn't need you", () => {
  expect(runSection(aRun({ ...waiting("approval"), connected: false }))).toBe("working")
  expect(runSection(aRun({ ...waiting("approval"), connected: false, ...trouble(1) }))).toBe("trouble")
})

test("a run that waits for the next prompt is idle, unless it is in trouble", () => {
  expect(runSection(aRun(waiting("prompt")))).toBe("idle")
  expect(runSection(aRun({ ...waiting("prompt"), ...trouble(1) }))).toBe("trouble")
})

test("an ended run is ended, even if it still has a problem listed", () => {
  expect(runSection(aRun({ status: "completed", ...trouble(1) }))).toBe("ended")
  expect(runSection(aRun({ status: "incomplete" }))).toBe("ended")
})

const ids = (runs: RunSummary[]) => runs.map((run) => run.run_id)

test("the longest wait comes first", () => {
  const runs = [3, 1, 2].map((minute) =>
    aRun({ run_id: String(minute), ...waiting(), waiting_since: at(minute) }),
  )
  expect(ids(runs.sort(compareInSection("needs-you")))).toEqual(["1", "2", "3"])
})

test("the newest trouble comes first", () => {
  const runs = [3, 1, 2].map((minute) => aRun({ run_id: String(minute), ...trouble(minute) }))
  expect(ids(runs.sort(compareInSection("trouble")))).toEqual(["3", "2", "1"])
})

test("other sections are ordered newest first", () => {
  const runs = [3, 1, 2].map((minute) => aRun({ run_id: String(minute), started_at: at(minute) }))
  expect(ids(runs.sort(compareInSection("working")))).toEqual(["3", "2", "1"])
})
