import { describe, expect, test } from "vitest"
import type { RunChanges } from "@/server/store/RunStore"
import type { StoreOfTest } from "./StoreOfTest"
import { aNewRun, aQuery } from "./storeSamples"

const ENDED_AT = "2026-01-02T04:00:00.000Z"

/** Tests `update`, and the links between runs that continue each other. */
export function describeUpdates(store: StoreOfTest): void {
  const started = async (given: Parameters<typeof aNewRun>[0] = {}) =>
    (await store().start(aNewRun(given))).row.run_id
  const update = (run_id: string, changes: RunChanges, given: { writer?: string[]; owner?: string } = {}) =>
    store().update({ run_id, writer: ["robot"], owner: "connection-1", changes, ...given })
  const found = async (filter: Parameters<typeof aQuery>[0] = {}) =>
    (await store().list(aQuery(filter))).rows.map((row) => row.run_id)

  describe("update", () => {
    test("changes only the given fields", async () => {
      const run_id = await started({ intent: "old", agent_name: "Robby" })
      const changed = await update(run_id, { intent: "new\0", outcome_description: "green" })
      expect(changed).toMatchObject({
        ok: true,
        row: { intent: "new\0", outcome_description: "green", agent_name: "Robby" },
      })
      expect(await store().get(run_id)).toEqual(changed.row)
    })

    test("adds labels, replaces those of the same name, and removes those with an empty value", async () => {
      const run_id = await started({ labels: { a: "1", b: "2", c: "3" } })
      const changed = await update(run_id, { labels: { b: "", c: "4", d: "5" } })
      expect(changed.row?.labels).toEqual({ a: "1", c: "4", d: "5" })
      expect(await store().get(run_id)).toEqual(changed.row)
    })

    test("a label can be named __proto__", async () => {
      const run_id = await started()
      const labels = JSON.parse('{"__proto__":"x"}')
      await update(run_id, { labels })
      expect(Object.entries((await store().get(run_id))?.labels ?? {})).toEqual([["__proto__", "x"]])
    })

    test("a list finds the run by its new texts and labels, but not by the old ones", async () => {
      const run_id = await started({ intent: "old words", labels: { a: "1" } })
      await update(run_id, { intent: "fresh words", labels: { a: "2" } })
      expect(await found({ filter: { q: "fresh" } })).toEqual([run_id])
      expect(await found({ filter: { labels: { a: "2" } } })).toEqual([run_id])
      expect(await found({ filter: { q: "old" } })).toEqual([])
      expect(await found({ filter: { labels: { a: "1" } } })).toEqual([])
    })

    test("more labels than allowed are refused, and nothing changes", async () => {
      const run_id = await started()
      const labels = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`label ${at}`, "x"]))
      const before = await store().get(run_id)
      expect(await update(run_id, { intent: "new", labels })).toMatchObject({ ok: false, code: "too_large" })
      expect(await store().get(run_id)).toEqual(before)
    })

    test("makes the connection the owner", async () => {
      const run_id = await started()
      await store().markDisconnected({ run_id, disconnected_at: ENDED_AT })
      const { row } = await update(run_id, { intent: "x" }, { owner: "connection-2" })
      expect(row?.owner).toBe("connection-2")
      expect(row?.disconnected_at).toBeUndefined()
    })

    test("I11: is refused for an ended run", async () => {
      const run_id = await started()
      const outcome = { status: "done" as const }
      await store().complete({ run_id, writer: ["*"], owner: "connection-1", outcome, ended_at: ENDED_AT })
      expect(await update(run_id, { intent: "x" })).toMatchObject({ ok: false, code: "already_terminal" })
    })

    test("I29: refuses another agent's run like an unknown one", async () => {
      const run_id = await started()
      const refused = { ok: false, code: "not_found" }
      expect(await update(run_id, { intent: "x" }, { writer: ["other"] })).toEqual(refused)
      expect(await update("unknown", { intent: "x" })).toEqual(refused)
    })
  })

  describe("a run that continues another", () => {
    test("links both", async () => {
      const earlier = await started()
      const later = await started({ continues: { run_id: earlier } })
      expect((await store().get(later))?.continues).toEqual({ run_id: earlier })
      expect((await store().get(earlier))?.continued_by).toEqual({ run_id: later })
    })

    test("links an ended run, too", async () => {
      const earlier = await started()
      await store().abandon({ run_id: earlier, owner: "connection-1", ended_at: ENDED_AT })
      const later = await started({ continues: { run_id: earlier } })
      expect(await store().get(earlier)).toMatchObject({
        status: "incomplete",
        continued_by: { run_id: later },
      })
    })

    test("doesn't link an unknown run or one of an agent that the token may not write for", async () => {
      const earlier = await started({ agent_id: "other" })
      await started({ continues: { run_id: earlier }, writer: ["robot"] })
      expect(await store().get(earlier)).not.toHaveProperty("continued_by")
      const lost = await started({ continues: { run_id: "unknown" } })
      expect((await store().get(lost))?.continues).toEqual({ run_id: "unknown" })
    })

    const imported = async (given: Parameters<typeof aNewRun>[0] = {}) =>
      (await store().startImport(aNewRun({ imported: true, owner: "import/1", ...given }))).row

    test("links a run that is imported after it, whether it was started or imported", async () => {
      const live = await started({ continues: { run_id: "late-1" } })
      const copy = await imported({ continues: { run_id: "late-2" } })
      for (const [run_id, later] of [
        ["late-1", live],
        ["late-2", copy.run_id],
      ] as const) {
        const row = await imported({ run_id })
        expect(row.continued_by).toEqual({ run_id: later })
        expect(await store().get(run_id)).toEqual(row)
      }
    })

    test("links runs that are imported at the same time, in both orders", async () => {
      await Promise.all([imported({ run_id: "b", continues: { run_id: "a" } }), imported({ run_id: "a" })])
      await Promise.all([imported({ run_id: "c" }), imported({ run_id: "d", continues: { run_id: "c" } })])
      expect((await store().get("a"))?.continued_by).toEqual({ run_id: "b" })
      expect((await store().get("c"))?.continued_by).toEqual({ run_id: "d" })
    })

    test("links an imported run to the newest of several", async () => {
      await started({ continues: { run_id: "late" } })
      const newest = await started({ continues: { run_id: "late" } })
      expect((await imported({ run_id: "late" })).continued_by).toEqual({ run_id: newest })
    })

    test("doesn't link an imported run to one of an agent that the token may not write for", async () => {
      const own = await started({ continues: { run_id: "late" } })
      await started({ continues: { run_id: "late" }, agent_id: "other" })
      expect((await imported({ run_id: "late", writer: ["robot"] })).continued_by).toEqual({ run_id: own })
    })

    test("doesn't link a run to itself", async () => {
      const row = await imported({ run_id: "self", continues: { run_id: "self" } })
      expect(row).not.toHaveProperty("continued_by")
      expect(await store().get("self")).toEqual(row)
    })

    test("the end of an imported run keeps the link", async () => {
      const later = await started({ continues: { run_id: "late" } })
      const { run_id, owner } = await imported({ run_id: "late" })
      await store().finishImport({ run_id, owner, retained_from: ENDED_AT })
      expect((await store().get(run_id))?.continued_by).toEqual({ run_id: later })
    })
  })
}
