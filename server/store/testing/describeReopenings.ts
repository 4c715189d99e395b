import { describe, expect, test } from "vitest"
import type { AgentOutcome } from "@/lib/protocol/run"
import type { RunRow } from "@/server/store/RunStore"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun, aQuery } from "./storeSamples"

const LOST_AT = "2026-01-02T03:30:00.000Z"
const ENDED_AT = "2026-01-02T04:00:00.000Z"
const BACK_AT = "2026-01-02T09:00:00.000Z"
const LATER = "2026-01-02T10:00:00.000Z"

/** Tests which requests reopen an ended run and which don't. */
export function describeReopenings(store: StoreOfTest): void {
  const started = async (key?: string) =>
    (await store().start(aNewRun(key === undefined ? {} : { idempotency_key: key }))).row.run_id
  const abandon = (run_id: string, owner = "connection-1", ended_at = ENDED_AT) =>
    store().abandon({ run_id, owner, ended_at })
  const abandoned = async (key?: string) => {
    const run_id = await started(key)
    await store().markDisconnected({ run_id, disconnected_at: LOST_AT, owner: "connection-1" })
    await abandon(run_id)
    return run_id
  }
  const complete = (run_id: string, outcome: AgentOutcome, given: { inferred?: boolean } = {}) =>
    store().complete({ run_id, writer: ["*"], owner: "connection-2", outcome, ended_at: BACK_AT, ...given })
  const takeOver = (run_id: string, at = BACK_AT) =>
    store().takeOver({ run_id, writer: ["robot"], owner: "connection-2", at })
  const append = (run_id: string, given: Parameters<typeof aBatch>[2] = {}) =>
    store().append(aBatch(run_id, ["more"], { owner: "connection-2", recorded_at: BACK_AT, ...given }))
  const startAgain = (idempotency_key: string) =>
    store().start(aNewRun({ idempotency_key, owner: "connection-2", started_at: BACK_AT }))

  describe("an incomplete run", () => {
    const ways: [string, (run_id: string) => Promise<{ row?: RunRow | undefined }>][] = [
      ["a take-over", (run_id) => takeOver(run_id)],
      ["a start with its key", () => startAgain("same-key")],
      ["a batch", (run_id) => append(run_id)],
      ["a batch that is already stored", (run_id) => append(run_id, { idempotency_key: "batch-key" })],
    ]
    test.each(ways)("I11: is reopened by %s, and records the interruption", async (_, reopen) => {
      const run_id = await started("same-key")
      await store().append(aBatch(run_id, ["one"], { idempotency_key: "batch-key" }))
      await store().markDisconnected({ run_id, disconnected_at: LOST_AT, owner: "connection-1" })
      await abandon(run_id)
      const { row } = await reopen(run_id)
      expect(row).toMatchObject({
        ...{ run_id, status: "in_progress", owner: "connection-2", reopenings: 1 },
        interruptions: [{ from: LOST_AT, to: BACK_AT }],
      })
      for (const field of ["termination", "ended_at", "retained_from", "disconnected_at"])
        expect(row).not.toHaveProperty(field)
      expect(await store().get(run_id)).toEqual(row)
      expect(await store().inProgress()).toEqual([row])
    })

    test("I11: is reopened and ended by an outcome", async () => {
      const run_id = await abandoned()
      const { row } = await complete(run_id, { status: "success" })
      expect(row).toMatchObject({
        ...{ status: "completed", ended_at: BACK_AT, reopenings: 1 },
        termination: { kind: "outcome", outcome: { status: "success" } },
        interruptions: [{ from: LOST_AT, to: BACK_AT }],
      })
      expect(await store().get(run_id)).toEqual(row)
      expect(await takeOver(run_id)).toEqual({ ok: true, row })
    })

    test("I6: continues at its cursor", async () => {
      const run_id = await started()
      await store().append(aBatch(run_id, ["one", "two"]))
      await abandon(run_id)
      expect(await append(run_id)).toMatchObject({ ok: true, base_index: 2, row: { cursor: 3 } })
      expect(await append(run_id, { expected_index: 3 })).toMatchObject({ ok: true, base_index: 3 })
    })

    test("stays ended when the batch is refused", async () => {
      const run_id = await abandoned()
      expect(await append(run_id, { expected_index: 5 })).toMatchObject({ code: "index_conflict" })
      expect(await append(run_id, { maxTurns: 0 })).toMatchObject({ code: "too_large" })
      expect(await store().get(run_id)).toMatchObject({ status: "incomplete", ended_at: ENDED_AT })
    })

    test("I29: isn't reopened by another agent", async () => {
      const run_id = await abandoned()
      const refused = { ok: false, code: "not_found" }
      expect(await append(run_id, { writer: ["other"] })).toEqual(refused)
      expect(await store().takeOver({ run_id, writer: ["other"], owner: "x", at: BACK_AT })).toEqual(refused)
      expect((await store().get(run_id))?.status).toBe("incomplete")
    })

    test("isn't reopened by an update or a cancellation request", async () => {
      const run_id = await abandoned()
      const update = { run_id, writer: ["*"], owner: "connection-2", changes: { intent: "x" } }
      expect(await store().update(update)).toMatchObject({ code: "already_terminal" })
      const request = { run_id, readers: ["*"], at: BACK_AT }
      expect(await store().requestCancel(request)).toMatchObject({ code: "already_terminal" })
    })

    test("can be abandoned and reopened again; the newest 50 interruptions are listed", async () => {
      const run_id = await started()
      const time = (round: number, seconds: number) =>
        new Date(Date.UTC(2026, 1, 1) + round * 60_000 + seconds * 1_000).toISOString()
      for (let round = 0; round < 52; round++) {
        await abandon(run_id, round === 0 ? "connection-1" : "connection-2", time(round, 0))
        await takeOver(run_id, time(round, 30))
      }
      const row = await store().get(run_id)
      expect(row?.reopenings).toBe(52)
      expect(row?.interruptions).toHaveLength(50)
      expect(row?.interruptions?.[0]).toEqual({
        from: "2026-02-01T00:02:00.000Z",
        to: "2026-02-01T00:02:30.000Z",
      })
    })

    test("I27: of a concurrent end and take-over, in either order, the take-over wins", async () => {
      for (const isEndFirst of [true, false]) {
        const run_id = await started()
        const calls = [() => abandon(run_id), () => takeOver(run_id)]
        await Promise.all((isEndFirst ? calls : calls.reverse()).map((call) => call()))
        expect(await store().get(run_id)).toMatchObject({ status: "in_progress", owner: "connection-2" })
      }
    })

    test("two connections that return together reopen it once", async () => {
      const run_id = await abandoned()
      const rows = await Promise.all([takeOver(run_id), append(run_id), takeOver(run_id)])
      expect(rows.map(({ row }) => row?.reopenings)).toEqual([1, 1, 1])
    })

    test("once reopened, is listed and counted as in progress, and can't be deleted", async () => {
      const run_id = await abandoned()
      await takeOver(run_id)
      const list = async (status: RunRow["status"]) =>
        (await store().list(aQuery({ filter: { status: [status] } }))).rows.map((row) => row.run_id)
      expect(await list("in_progress")).toEqual([run_id])
      expect(await list("incomplete")).toEqual([])
      const counts = { in_progress: 1, completed: 0, incomplete: 0, failed: 0 }
      expect(await store().count({ filter: {}, readers: ["*"] })).toEqual(counts)
      expect(await store().deleteEndedBefore(LATER, 10)).toEqual([])
      expect(await store().delete({ run_id, readers: ["*"] })).toMatchObject({ code: "forbidden" })
    })
  })

  describe("a completed run whose end was inferred", () => {
    const inferred = async (key?: string) => {
      const run_id = await started(key)
      await store().append(aBatch(run_id, ["one"], { idempotency_key: "batch-key" }))
      await complete(run_id, { status: "done" }, { inferred: true })
      return run_id
    }

    test("I11: is reopened by late turns, without an interruption", async () => {
      const run_id = await inferred()
      const { row } = await append(run_id, { recorded_at: LATER })
      expect(row).toMatchObject({ status: "in_progress", cursor: 2, reopenings: 1 })
      expect(row).not.toHaveProperty("interruptions")
      expect(await store().get(run_id)).toEqual(row)
    })

    test("I11: accepts another end", async () => {
      const run_id = await inferred()
      expect((await complete(run_id, { status: "failure" }, { inferred: true })).row).toMatchObject({
        termination: { outcome: { status: "failure" }, inferred: true },
      })
    })

    test("I11: is final once its agent reports the same end", async () => {
      const run_id = await inferred()
      expect(await complete(run_id, { status: "done" })).toMatchObject({ ok: true, duplicate: false })
      expect(await append(run_id)).toMatchObject({ ok: false, code: "already_terminal" })
    })

    test("isn't reopened by a take-over or a duplicate batch", async () => {
      const run_id = await inferred("same-key")
      const before = await store().get(run_id)
      expect((await takeOver(run_id)).row).toEqual(before)
      expect((await startAgain("same-key")).row).toEqual(before)
      expect(await append(run_id, { idempotency_key: "batch-key" })).toMatchObject({ duplicate: true })
      expect(await complete(run_id, { status: "done" }, { inferred: true })).toMatchObject({
        duplicate: true,
      })
      expect(await store().get(run_id)).toEqual(before)
    })
  })

  test("I11: nothing reopens a completed run", async () => {
    const run_id = await started("same-key")
    await complete(run_id, { status: "success" })
    const before = await store().get(run_id)
    expect((await takeOver(run_id)).row).toEqual(before)
    expect((await startAgain("same-key")).row).toEqual(before)
    const refused = { ok: false, code: "already_terminal" }
    expect(await append(run_id)).toMatchObject(refused)
    expect(await complete(run_id, { status: "failure" })).toMatchObject(refused)
    expect(await complete(run_id, { status: "failure" }, { inferred: true })).toMatchObject(refused)
    expect(await abandon(run_id, "connection-2")).toMatchObject(refused)
    expect(await store().get(run_id)).toEqual(before)
  })
}
