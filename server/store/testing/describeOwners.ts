import { describe, expect, test } from "vitest"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun } from "./storeSamples"

const GONE_AT = "2026-01-02T04:00:00.000Z"
const BACK_AT = "2026-01-02T04:10:00.000Z"

/** The contract of `takeOver`, `markDisconnected` and `requestCancel`. */
export function describeOwners(store: StoreOfTest): void {
  const started = async (given: Parameters<typeof aNewRun>[0] = {}) =>
    (await store().start(aNewRun(given))).row
  const endedRun = async () => {
    const { run_id, owner } = await started()
    const outcome = { status: "done" as const }
    await store().complete({ run_id, writer: ["*"], owner, outcome, ended_at: GONE_AT })
    return run_id
  }

  describe("owners", () => {
    test("takeOver makes another connection the owner and clears disconnected_at", async () => {
      const { run_id } = await started()
      await store().markDisconnected({ run_id, disconnected_at: GONE_AT })
      const taken = await store().takeOver({ run_id, writer: ["rob*"], owner: "connection-2", at: BACK_AT })
      expect(taken).toMatchObject({ ok: true, row: { owner: "connection-2" } })
      expect(taken.row?.disconnected_at).toBeUndefined()
      expect(await store().get(run_id)).toEqual(taken.row)
    })

    test("takeOver refuses another agent's run like an unknown one", async () => {
      const { run_id } = await started()
      const refused = { ok: false, code: "not_found" }
      expect(await store().takeOver({ run_id, writer: ["other", "robo"], owner: "x", at: BACK_AT })).toEqual(
        refused,
      )
      expect(await store().takeOver({ run_id, writer: [], owner: "x", at: BACK_AT })).toEqual(refused)
      expect(await store().takeOver({ run_id: "unknown", writer: ["*"], owner: "x", at: BACK_AT })).toEqual(
        refused,
      )
    })

    test("I11: takeOver doesn't change a completed run", async () => {
      const run_id = await endedRun()
      const before = await store().get(run_id)
      expect(
        await store().takeOver({ run_id, writer: ["robot"], owner: "connection-2", at: BACK_AT }),
      ).toEqual({
        ok: true,
        row: before,
      })
      expect(await store().get(run_id)).toEqual(before)
    })

    test("a batch makes its connection the owner", async () => {
      const { run_id } = await started()
      await store().markDisconnected({ run_id, disconnected_at: GONE_AT })
      const reply = await store().append(aBatch(run_id, ["x"], { owner: "connection-2" }))
      expect(reply.row).toMatchObject({ owner: "connection-2" })
      expect(reply.row?.disconnected_at).toBeUndefined()
    })

    test("markDisconnected sets a time and clears it", async () => {
      const { run_id } = await started()
      await store().markDisconnected({ run_id, disconnected_at: GONE_AT })
      expect((await store().get(run_id))?.disconnected_at).toBe(GONE_AT)
      await store().markDisconnected({ run_id, disconnected_at: null, owner: "connection-2" })
      const row = await store().get(run_id)
      expect(row?.disconnected_at).toBeUndefined()
      expect(row?.owner).toBe("connection-2")
    })

    test("markDisconnected is ignored if the run now has a different owner", async () => {
      const { run_id } = await started({ owner: "connection-1" })
      await store().takeOver({ run_id, writer: ["robot"], owner: "connection-2", at: BACK_AT })
      await store().markDisconnected({ run_id, disconnected_at: GONE_AT, owner: "connection-1" })
      expect((await store().get(run_id))?.disconnected_at).toBeUndefined()
      await store().markDisconnected({ run_id, disconnected_at: GONE_AT, owner: "connection-2" })
      expect((await store().get(run_id))?.disconnected_at).toBe(GONE_AT)
    })

    test("markDisconnected is ignored for ended and unknown runs", async () => {
      const run_id = await endedRun()
      const before = await store().get(run_id)
      await store().markDisconnected({ run_id, disconnected_at: "2026-01-02T05:00:00.000Z" })
      await store().markDisconnected({ run_id: "unknown", disconnected_at: GONE_AT })
      expect(await store().get(run_id)).toEqual(before)
    })
  })

  describe("requestCancel", () => {
    test("stores the first request and ignores later ones", async () => {
      const { run_id } = await started()
      const request = { run_id, readers: ["*"], reason: "enough\0", at: GONE_AT }
      const reply = await store().requestCancel(request)
      expect(reply).toMatchObject({
        ok: true,
        row: { cancel_requested_at: GONE_AT, cancel_reason: "enough\0" },
      })
      const again = await store().requestCancel({
        run_id,
        readers: ["robot"],
        at: "2026-01-02T05:00:00.000Z",
      })
      expect(again).toEqual(reply)
      expect(await store().get(run_id)).toEqual(reply.row)
    })

    test("is refused for a run that has ended, is unknown, or isn't readable by the caller", async () => {
      const ended = await endedRun()
      const { run_id } = await started()
      expect(await store().requestCancel({ run_id: ended, readers: ["*"], at: GONE_AT })).toMatchObject({
        ok: false,
        code: "already_terminal",
        row: { status: "completed" },
      })
      const refused = { ok: false, code: "not_found" }
      expect(await store().requestCancel({ run_id, readers: ["other"], at: GONE_AT })).toEqual(refused)
      expect(await store().requestCancel({ run_id: "unknown", readers: ["*"], at: GONE_AT })).toEqual(refused)
    })
  })
}
