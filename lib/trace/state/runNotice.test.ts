import { describe, expect, it } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { aRun } from "@/lib/testing/builders"
import { describeNotice, runNotice } from "./runNotice"

const NOW = Date.parse("2026-01-01T12:00:00.000Z")
const ended = (status: "success" | "failure" | "timeout", agoMs = 1_000): RunSummary =>
  aRun({
    ...{ status: "completed", ended_at: new Date(NOW - agoMs).toISOString() },
    termination: { kind: "outcome", outcome: { status, summary: "All green" } },
  })
const cut = aRun({
  ...{ status: "incomplete", ended_at: new Date(NOW).toISOString() },
  termination: { kind: "incomplete", reason: "disconnected" },
})
const waits = (waiting_for: string) => aRun({ activity: { since: "2026-01-01T11:00:00.000Z", waiting_for } })

describe("the notice for a change of a followed run", () => {
  it("says that the run waits, once for each thing that it waits for", () => {
    expect(runNotice(aRun(), waits("approval"), NOW)).toBe("waits")
    expect(runNotice(waits("approval"), waits("approval"), NOW)).toBeUndefined()
    expect(runNotice(waits("approval"), waits("a key"), NOW)).toBe("waits")
    expect(runNotice(waits("approval"), aRun(), NOW)).toBeUndefined()
  })

  it("says how the run ended, and treats an incomplete run as failed", () => {
    expect(runNotice(aRun(), ended("success"), NOW)).toBe("ended")
    expect(runNotice(aRun(), ended("failure"), NOW)).toBe("failed")
    expect(runNotice(waits("approval"), ended("timeout"), NOW)).toBe("failed")
    expect(runNotice(aRun(), cut, NOW)).toBe("failed")
  })

  it("isn't raised for an end that is already known or old", () => {
    expect(runNotice(undefined, ended("failure"), NOW)).toBeUndefined()
    expect(runNotice(ended("failure"), ended("failure"), NOW)).toBeUndefined()
    expect(runNotice(aRun(), ended("failure", 11 * 60_000), NOW)).toBeUndefined()
    expect(runNotice(undefined, waits("approval"), NOW)).toBeUndefined()
  })

  it("isn't raised for a turn or a reconnect", () => {
    expect(runNotice(aRun(), aRun({ cursor: 7 }), NOW)).toBeUndefined()
    expect(runNotice(aRun(), aRun({ connected: false }), NOW)).toBeUndefined()
  })
})

it("contains the agent's name, its text, and the run's intent", () => {
  expect(describeNotice("waits", { ...waits("approval of: push"), agent_name: "Ada" })).toEqual({
    ...{ title: "Ada is waiting for you", body: "approval of: push\nFix the build" },
  })
  expect(describeNotice("ended", ended("success"))).toEqual({
    ...{ title: "agent/a: success", body: "Fix the build\nAll green" },
  })
  expect(describeNotice("failed", cut)).toEqual({
    ...{ title: "agent/a: incomplete", body: "Fix the build\nThe agent disconnected." },
  })
})
