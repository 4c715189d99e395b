import { describe, expect, test } from "vitest"
import type { AgentOutcome } from "@/lib/protocol/run"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun, aQuery } from "./storeSamples"

const BACK_AT = "2026-01-02T03:30:00.000Z"
const ENDED_AT = "2026-01-02T04:00:00.000Z"

/** The contract of `complete`, `abandon`, `delete` and `deleteEndedBefore`. */
export function describeEnds(store: StoreOfTest): void {
  const started = async () => (await store().start(aNewRun())).row.run_id
  const complete = (
    run_id: string,
    outcome: AgentOutcome,
    given: { writer?: string[]; ended_at?: string } = {},
  ) =>
    store().complete({
      run_id,
      writer: ["robot"],
      owner: "connection-2",
      outcome,
      ended_at: ENDED_AT,
      ...given,
    })
  const abandon = (run_id: string, owner = "connection-1", ended_at = ENDED_AT) =>
    store().abandon({ run_id, owner, ended_at })

  describe("complete", () => {
    test("ends a run with its agent's outcome, including unknown fields", async () => {
      const run_id = await started()
      await store().markDisconnected({ run_id, disconnected_at: "2026-01-02T03:59:00.000Z" })
      const outcome = { status: "success", summary: "Done\0", metrics: { a: [1, null] }, more: true } as const
      const reply = await complete(run_id, { ...outcome, metrics: { a: [1, null] } })
      expect(reply).toMatchObject({ ok: true, duplicate: false })
      expect(reply.row).toMatchObject({
        status: "completed",
        ended_at: ENDED_AT,
        owner: "connection-2",
        termination: { kind: "outcome", outcome },
      })
      expect(reply.row?.disconnected_at).toBeUndefined()
      expect(await store().get(run_id)).toEqual(reply.row)
    })

    test("the same outcome again is a duplicate, in any field order; a different outcome is refused", async () => {
      const run_id = await started()
      await complete(run_id, { status: "success", summary: "Done", metrics: { a: 1, b: 2 } })
      const again = await complete(run_id, { metrics: { b: 2, a: 1 }, summary: "Done", status: "success" })
      expect(again).toMatchObject({ ok: true, duplicate: true, row: { status: "completed" } })
      expect(await complete(run_id, { status: "failure" })).toMatchObject({
        ok: false,
        code: "already_terminal",
        row: { status: "completed" },
      })
      expect((await store().get(run_id))?.termination).toMatchObject({ outcome: { status: "success" } })
    })

    test("I11: of two concurrent ends, one is accepted and the other refused", async () => {
      const run_id = await started()
      const replies = await Promise.all([complete(run_id, { status: "success" }), abandon(run_id)])
      expect(replies.map((reply) => reply.ok)).toEqual([true, false])
      expect(replies[1]).toMatchObject({ code: "already_terminal", row: { status: "completed" } })
    })

    test("I29: refuses another agent's run like an unknown one", async () => {
      const run_id = await started()
      const refused = { ok: false, code: "not_found" }
      expect(await complete(run_id, { status: "success" }, { writer: ["other"] })).toEqual(refused)
      expect(await complete("unknown", { status: "success" })).toEqual(refused)
    })

    test("stores that the end was inferred", async () => {
      const run_id = await started()
      const end = { run_id, writer: ["robot"], owner: "connection-1", ended_at: ENDED_AT }
      await store().complete({ ...end, outcome: { status: "done" }, inferred: true })
      expect((await store().get(run_id))?.termination).toEqual({
        kind: "outcome",
        outcome: { status: "done" },
        inferred: true,
      })
    })

    test.each([
      ["if it also reported the start", "2020-01-01T00:00:00.000Z", "2020-01-01T00:01:00.000Z"],
      ["but not before the run's start", "2020-02-01T00:00:00.000Z", ENDED_AT],
    ])("ends at the time that the agent reports, %s", async (_, started_at, ended_at) => {
      const run = aNewRun({ started_at, received_at: "2026-01-02T03:05:00.000Z" })
      await store().start(run)
      const outcome = { status: "done", timestamp: "2020-01-01T02:01:00+02:00" } as const
      expect((await complete(run.run_id, outcome)).row?.ended_at).toBe(ended_at)
      expect((await store().get(run.run_id))?.ended_at).toBe(ended_at)
    })

    test("otherwise a run ends at the server's time, even if the outcome has a timestamp", async () => {
      const run_id = await started()
      const outcome = { status: "done", timestamp: "2026-01-02T03:30:00.000Z" } as const
      expect((await complete(run_id, outcome)).row?.ended_at).toBe(ENDED_AT)
    })

    test("an end that is sent together with a batch is applied after the batch", async () => {
      const run_id = await started()
      const [batch, end] = await Promise.all([
        store().append(aBatch(run_id, ["one"])),
        complete(run_id, { status: "done" }),
      ])
      expect(batch.row).toMatchObject({ status: "in_progress", cursor: 1 })
      expect(end.row).toMatchObject({ status: "completed", cursor: 1 })
      expect(await store().get(run_id)).toEqual(end.row)
    })
  })

  describe("abandon", () => {
    test("ends a run whose owner disconnected, and keeps the time of the disconnection", async () => {
      const run_id = await started()
      await store().markDisconnected({ run_id, disconnected_at: "2026-01-02T03:59:00.000Z" })
      const reply = await abandon(run_id)
      expect(reply.row).toMatchObject({
        status: "incomplete",
        ended_at: ENDED_AT,
        disconnected_at: "2026-01-02T03:59:00.000Z",
        termination: { kind: "incomplete", reason: "disconnected" },
      })
      expect(await store().get(run_id)).toEqual(reply.row)
      expect(await store().inProgress()).toEqual([])
    })

    test("I27: is refused for a former owner, and for an ended or unknown run", async () => {
      const run_id = await started()
      await store().takeOver({ run_id, writer: ["robot"], owner: "connection-2", at: BACK_AT })
      expect(await abandon(run_id, "connection-1")).toMatchObject({ ok: false, code: "forbidden" })
      expect((await store().get(run_id))?.status).toBe("in_progress")
      expect(await abandon(run_id, "connection-2")).toMatchObject({ ok: true })
      expect(await abandon(run_id, "connection-2")).toMatchObject({ code: "already_terminal" })
      expect(await abandon("unknown")).toEqual({ ok: false, code: "not_found" })
    })
  })

  describe("delete", () => {
    test("S20: deletes an ended run with its turns and keys, and lowers its parent's child count", async () => {
      const parent = await started()
      const run = aNewRun({ parent: { run_id: parent }, labels: { a: "b" }, idempotency_key: "start-key" })
      await store().start(run)
      const { run_id } = run
      await store().append(aBatch(run_id, ["one", "two"], { idempotency_key: "batch-key" }))
      await abandon(run_id)
      const reply = await store().delete({ run_id, readers: ["*"] })
      expect(reply).toMatchObject({ ok: true, row: { run_id, status: "incomplete" } })
      expect(await store().get(run_id)).toBeUndefined()
      expect(await store().turns({ run_id, from: 0, limit: 10, maxBytes: 1_000 })).toEqual({
        from: 0,
        turns: [],
      })
      expect((await store().list(aQuery({ filter: { labels: { a: "b" } } }))).rows).toEqual([])
      expect((await store().get(parent))?.child_count).toBe(0)
      expect(await store().append(aBatch(run_id, ["x"]))).toEqual({ ok: false, code: "not_found" })
      const fresh = await store().start(aNewRun({ idempotency_key: "start-key" }))
      expect(fresh).toMatchObject({ created: true, row: { cursor: 0 } })
      const first = await store().append(aBatch(fresh.row.run_id, ["new"], { idempotency_key: "batch-key" }))
      expect(first).toMatchObject({ ok: true, duplicate: false, base_index: 0 })
    })

    test("is refused for a run that is in progress, unknown, or not readable by the caller", async () => {
      const run_id = await started()
      expect(await store().delete({ run_id, readers: ["*"] })).toMatchObject({ ok: false, code: "forbidden" })
      await abandon(run_id)
      const refused = { ok: false, code: "not_found" }
      expect(await store().delete({ run_id, readers: ["other"] })).toEqual(refused)
      expect(await store().delete({ run_id: "unknown", readers: ["*"] })).toEqual(refused)
      expect(await store().get(run_id)).toBeDefined()
    })
  })

  test("deleteEndedBefore deletes the oldest runs first, up to the limit, and none in progress", async () => {
    const runs = [await started(), await started(), await started(), await started()]
    for (const [at, run_id] of runs.slice(0, 3).entries()) {
      await abandon(run_id, "connection-1", `2026-02-0${3 - at}T00:00:00.000Z`)
    }
    const before = "2026-02-03T00:00:00.000Z"
    expect(await store().deleteEndedBefore(before, 1)).toEqual([runs[2]])
    expect(await store().deleteEndedBefore(before, 10)).toEqual([runs[1]])
    expect(await store().deleteEndedBefore(before, 10)).toEqual([])
    const left = (await store().list(aQuery())).rows.map((row) => row.run_id)
    expect(left.sort()).toEqual([runs[0], runs[3]])
  })

  test("deleteEndedBefore uses the server's end time, not the agent's", async () => {
    const run = aNewRun({ started_at: "2020-01-01T00:00:00.000Z", received_at: "2026-01-02T03:05:00.000Z" })
    await store().start(run)
    await complete(run.run_id, { status: "done", timestamp: "2020-01-02T00:00:00.000Z" })
    expect(await store().deleteEndedBefore("2026-01-02T03:59:00.000Z", 10)).toEqual([])
    expect(await store().deleteEndedBefore("2026-01-02T04:01:00.000Z", 10)).toEqual([run.run_id])
  })
}
