import { describe, expect, test } from "vitest"
import { noTotals } from "@/lib/trace/turnTotals"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun } from "./storeSamples"

/** The contract of `start`, `get` and `getMany`. */
export function describeStarts(store: StoreOfTest): void {
  describe("start", () => {
    test("stores all fields of a run, with any characters", async () => {
      const odd = '\0 \uD800 "quote" \u202E 漢字 \n'
      const run = aNewRun({
        agent_name: `Robby ${odd}`,
        client_id: odd,
        intent: odd,
        outcome_description: odd,
        parent: { run_id: odd, turn_index: 3 },
        labels: { [odd]: odd, plain: "x" },
        source: { name: odd, version: odd, session: odd },
        grace_ms: 5_000,
        continues: { run_id: odd },
        received_at: "2026-01-02T03:05:00.000Z",
      })
      const { created, row } = await store().start(run)
      expect(created).toBe(true)
      const { writer: _, ...stored } = run
      const expected = {
        ...stored,
        status: "in_progress",
        cursor: 0,
        child_count: 0,
        totals: noTotals(),
      }
      expect(row).toEqual(expected)
      expect(await store().get(run.run_id)).toEqual(expected)
    })

    test("I10: concurrent starts with the same key create one run", async () => {
      const starts = Array.from({ length: 20 }, (_, at) =>
        store().start(aNewRun({ idempotency_key: "same-key", owner: `connection-${at}` })),
      )
      const replies = await Promise.all(starts)
      expect(replies.filter((reply) => reply.created)).toHaveLength(1)
      expect(new Set(replies.map((reply) => reply.row.run_id)).size).toBe(1)
      expect(await store().inProgress()).toHaveLength(1)
      expect(replies[19]?.row.owner).toBe("connection-19")
    })

    test("a start with a known key takes over the run at its cursor", async () => {
      const { row } = await store().start(aNewRun({ idempotency_key: "same-key" }))
      await store().append(aBatch(row.run_id, ["one", "two"]))
      await store().markDisconnected({ run_id: row.run_id, disconnected_at: "2026-01-02T04:00:00.000Z" })
      const again = await store().start(aNewRun({ idempotency_key: "same-key", owner: "connection-2" }))
      expect(again).toMatchObject({
        created: false,
        row: { run_id: row.run_id, cursor: 2, owner: "connection-2" },
      })
      expect(again.row.disconnected_at).toBeUndefined()
      expect(await store().get(row.run_id)).toEqual(again.row)
    })

    test("I11: a start with the key of a completed run returns that run unchanged", async () => {
      const { row } = await store().start(aNewRun({ idempotency_key: "same-key" }))
      const ended = await store().complete({
        ...{ run_id: row.run_id, owner: row.owner, writer: ["*"], outcome: { status: "done" } },
        ended_at: "2026-01-02T04:00:00.000Z",
      })
      const again = await store().start(aNewRun({ idempotency_key: "same-key", owner: "connection-2" }))
      expect(again).toEqual({ created: false, row: ended.row })
    })

    test.each(["/", "#1 é漢😀", "a", "json:x", 'json:"x"', "\0", "nul \0 inside", "\uD800", "k".repeat(256)])(
      "I10: a key can be any string: %j",
      async (idempotency_key) => {
        const others = ["json:json:x", "nul ", "\uFFFD", "\uD801"]
        for (const other of others) await store().start(aNewRun({ idempotency_key: other }))
        const first = await store().start(aNewRun({ idempotency_key }))
        const again = await store().start(aNewRun({ idempotency_key }))
        expect([first.created, again.created]).toEqual([true, false])
        expect(again.row.run_id).toBe(first.row.run_id)
      },
    )

    test("I10: the same key from another agent creates another run", async () => {
      await store().start(aNewRun({ idempotency_key: "same-key" }))
      const other = await store().start(aNewRun({ idempotency_key: "same-key", agent_id: "other" }))
      expect(other.created).toBe(true)
    })

    test("counts the children of a parent, even those that started before it", async () => {
      const parent = aNewRun()
      await store().start(aNewRun({ parent: { run_id: parent.run_id }, agent_id: "other" }))
      expect((await store().start(parent)).row.child_count).toBe(1)
      await store().start(
        aNewRun({ parent: { run_id: parent.run_id, turn_index: 2 }, idempotency_key: "child-key" }),
      )
      await store().start(
        aNewRun({ parent: { run_id: parent.run_id, turn_index: 2 }, idempotency_key: "child-key" }),
      )
      expect((await store().get(parent.run_id))?.child_count).toBe(2)
    })

    test("getMany returns the runs that exist, each once", async () => {
      const [a, b] = [aNewRun(), aNewRun()]
      await Promise.all([store().start(a), store().start(b)])
      const rows = await store().getMany([a.run_id, "unknown", b.run_id, a.run_id, `${a.run_id}\0`])
      expect(rows.map((row) => row.run_id).sort()).toEqual([a.run_id, b.run_id])
    })

    test.each(["unknown", "", "run-\0", "\uD800", "x".repeat(128)])(
      "no run is found by the ID %j",
      async (run_id) => {
        await store().start(aNewRun())
        expect(await store().get(run_id)).toBeUndefined()
        expect(await store().append(aBatch(run_id, ["x"]))).toEqual({ ok: false, code: "not_found" })
        expect(await store().turns({ run_id, from: 0, limit: 10, maxBytes: 1_000 })).toEqual({
          from: 0,
          turns: [],
        })
        expect(await store().outlines({ run_id, from: 0, limit: 10 })).toEqual({ from: 0, turns: [] })
      },
    )

    test("S7: no run is found by a stored run's ID followed by a NUL character and more text", async () => {
      const run = aNewRun()
      await store().start(run)
      expect(await store().get(`${run.run_id}\0more`)).toBeUndefined()
    })
  })
}
