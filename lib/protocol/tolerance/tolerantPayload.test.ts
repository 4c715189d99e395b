import { expect, test } from "vitest"
import { COMMANDS, type CommandName } from "@/lib/protocol/catalog"
import { tolerantPayload } from "./tolerantPayload"

const NOW = Date.parse("2026-06-01T00:00:00.000Z")
const read = (name: CommandName, payload: object) => tolerantPayload(name, payload as never, NOW)
const accepts = (name: CommandName, payload: object) => COMMANDS[name].safeParse(read(name, payload)).success

test("null for an optional field means absent, in every command", () => {
  const start = {
    run_id: null,
    intent: "x",
    agent_id: null,
    agent_name: null,
    labels: null,
    parent: null,
    source: null,
  }
  expect(read("runs.start", start)).toEqual({ intent: "x" })
  expect(
    read("runs.record_turns", { run_id: "r", turns: [{}], idempotency_key: null, expected_index: null }),
  ).toEqual({ run_id: "r", turns: [{}] })
  expect(
    read("runs.complete", { run_id: "r", outcome: { status: "done", summary: null, timestamp: null } }),
  ).toEqual({
    run_id: "r",
    outcome: { status: "done" },
  })
  expect(read("runs.report_progress", { run_id: "r", progress: { tool: null, text: "x" } })).toEqual({
    run_id: "r",
    progress: { text: "x" },
  })
  expect(read("runs.list", { status: null, before: null, limit: null, q: null })).toEqual({})
  expect(read("runs.subscribe", { run_id: "r", cursor: null })).toEqual({ run_id: "r" })
})

test("null as progress clears it", () => {
  expect(read("runs.report_progress", { run_id: "r", progress: null })).toEqual({
    run_id: "r",
    progress: null,
  })
  expect(read("runs.record_turns", { run_id: "r", turns: [{}], progress: null })).toMatchObject({
    progress: null,
  })
})

test("null in an outcome's data is kept", () => {
  const outcome = { status: "done", metrics: { loss: null }, evidence: [null] }
  expect(read("runs.complete", { run_id: "r", outcome })).toEqual({ run_id: "r", outcome })
})

test("labels may have any scalars as values", () => {
  const labels = { pr: 123, draft: true, ratio: 0.5, big: "\ue0c59007199254740993", none: null }
  expect(read("runs.start", { intent: "x", labels })).toEqual({
    intent: "x",
    labels: { pr: "123", draft: "true", ratio: "0.5", big: "9007199254740993" },
  })
})

test.each([
  ["success", "success", undefined],
  ["SUCCESS", "success", "SUCCESS"],
  ["completed", "success", "completed"],
  ["error", "failure", "error"],
  ["timed out", "timeout", "timed out"],
  ["cancelled", "give_up", "cancelled"],
])("outcome %s is %s", (status, mapped, reported) => {
  const expected = { status: mapped, ...(reported !== undefined && { reported_status: reported }) }
  expect(read("runs.complete", { run_id: "r", outcome: { status } }).outcome).toEqual(expected)
  expect(read("runs.complete", { run_id: "r", outcome: status }).outcome).toEqual(expected)
})

test("an unknown outcome is left for the schema to refuse", () => {
  expect(accepts("runs.complete", { run_id: "r", outcome: { status: "purple" } })).toBe(false)
  expect(accepts("runs.complete", { run_id: "r", outcome: 5 })).toBe(false)
})

test("times of a start are UTC, and an impossible one means now", () => {
  const start = (started_at: unknown) => read("runs.start", { intent: "x", started_at }).started_at
  expect(start(1_767_261_600)).toBe("2026-01-01T10:00:00.000Z")
  expect(start("2026-01-01T10:00:00")).toBe("2026-01-01T10:00:00.000Z")
  for (const time of ["1970-01-01", "2027-01-01", "soon", {}]) expect(start(time)).toBeUndefined()
})

test("a grace period is bounded, not refused", () => {
  const grace = (grace_ms: unknown) => read("runs.start", { intent: "x", grace_ms }).grace_ms
  expect([grace(5), grace("60000"), grace(1e12)]).toEqual([1_000, 60_000, 86_400_000])
  expect(accepts("runs.start", { intent: "x", grace_ms: "long" })).toBe(false)
})

test("numbers, keys and intents may be given as other scalars", () => {
  expect(read("runs.get_turn", { run_id: "r", index: "5" })).toEqual({ run_id: "r", index: 5 })
  const names = { intent: 5, agent_id: 7, idempotency_key: 42 }
  const start = { ...names, parent: { run_id: "p", turn_index: "3" }, continues: "c" }
  expect(read("runs.start", start)).toEqual({
    ...{ intent: "5", agent_id: "7", idempotency_key: "42", continues: { run_id: "c" } },
    parent: { run_id: "p", turn_index: 3 },
  })
})

test("a single turn needs no list, and text is a message", () => {
  expect(read("runs.record_turns", { run_id: "r", turns: { tool: "x" } })).toEqual({
    run_id: "r",
    turns: [{ tool: "x" }],
  })
  expect(read("runs.record_turns", { run_id: "r", turns: ["hi"] })).toEqual({
    run_id: "r",
    turns: [{ message: "hi" }],
  })
})

test("progress in other forms is converted as far as possible", () => {
  const progress = (given: unknown) => read("runs.report_progress", { run_id: "r", progress: given }).progress
  expect(progress("thinking")).toEqual({ text: "thinking" })
  expect(progress({ tool: 5, started_at: "soon", waiting_kind: "human", waiting_for: true })).toEqual({
    ...{ tool: "5", waiting_kind: "other", waiting_for: "something" },
  })
  expect(progress({ waiting_for: false })).toEqual({ waiting_for: "" })
  expect(accepts("runs.report_progress", { run_id: "r", progress: { waiting_for: "é".repeat(4_000) } })).toBe(
    true,
  )
})

test("a filter's single status needs no list, and its times no offset", () => {
  expect(
    read("runs.list", { status: "completed", started_after: "2026-01-01", overlaps: { from: 0, to: 1 } }),
  ).toEqual({
    ...{ status: ["completed"], started_after: "2026-01-01T00:00:00.000Z" },
    overlaps: { from: "1970-01-01T00:00:00.000Z", to: "1970-01-01T00:00:01.000Z" },
  })
})

test("unknown forms are left for the schema to refuse", () => {
  expect(accepts("runs.start", { agent_id: "a" })).toBe(false)
  expect(accepts("runs.record_turns", { run_id: "r", turns: [5] })).toBe(false)
  expect(accepts("runs.record_turns", { run_id: "r", turns: [] })).toBe(false)
  expect(accepts("runs.subscribe", { run_id: 5 })).toBe(false)
  expect(accepts("runs.list", { limit: "many" })).toBe(false)
  expect(accepts("runs.start", { intent: "x", labels: "none" })).toBe(false)
})
