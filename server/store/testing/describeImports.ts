import { describe, expect, test } from "vitest"
import type { ImportFinish } from "@/server/store/RunStore"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun } from "./storeSamples"

const IMPORTED_AT = "2026-06-01T00:00:00.000Z"
const ENDED_AT = "2020-01-01T00:05:00.000Z"

/** Tests of how imported runs are stored and ended. */
export function describeImports(store: StoreOfTest): void {
  const started = async () => {
    const run = aNewRun({
      ...{
        imported: true,
        started_at: "2020-01-01T00:00:00.000Z",
        received_at: IMPORTED_AT,
        owner: "import/1",
      },
    })
    await store().start(run)
    const turns = { writer: ["*"], owner: "import/1", recorded_at: "2020-01-01T00:04:00.000Z" }
    await store().append(aBatch(run.run_id, ["one"], turns))
    return run.run_id
  }
  const finish = (run_id: string, end?: ImportFinish["end"], owner = "import/1") =>
    store().finishImport({ run_id, owner, retained_from: IMPORTED_AT, ...(end && { end }) })

  describe("an import", () => {
    test("ends exactly as in the export, and its retention starts at the import", async () => {
      const run_id = await started()
      const interruptions = [{ from: "2020-01-01T00:01:00.000Z", to: "2020-01-01T00:02:00.000Z" }]
      const termination = { kind: "outcome" as const, outcome: { status: "failure" as const, zeta: 1 } }
      const { row } = await finish(run_id, { termination, ended_at: ENDED_AT, interruptions })
      expect(row).toMatchObject({
        ...{ status: "completed", imported: true, ended_at: ENDED_AT, retained_from: IMPORTED_AT },
        ...{ termination, interruptions, last_turn_at: "2020-01-01T00:04:00.000Z" },
      })
      expect(await store().get(run_id)).toEqual(row)
      expect(await store().deleteEndedBefore("2026-05-31T00:00:00.000Z", 10)).toEqual([])
      expect(await store().count({ filter: {}, readers: ["*"] })).toMatchObject({ completed: 1, failed: 1 })
    })

    test("without an end ends as incomplete at the time of its last turn", async () => {
      const run_id = await started()
      expect((await finish(run_id)).row).toMatchObject({
        ...{ status: "incomplete", ended_at: "2020-01-01T00:04:00.000Z" },
        termination: { kind: "incomplete", reason: "not_ended" },
      })
    })

    test("doesn't change an existing run with the same id, even if two imports start concurrently", async () => {
      const run_id = await started()
      const again = aNewRun({ run_id, imported: true, owner: "import/2", intent: "another" })
      const before = await store().get(run_id)
      expect(await store().startImport(again)).toEqual({ created: false, row: before })
      const both = [1, 2].map((n) => store().startImport({ ...again, run_id: "new", owner: `import/${n}` }))
      const created = (await Promise.all(both)).map((reply) => [reply.created, reply.row.owner])
      expect(created).toEqual([
        [true, "import/1"],
        [false, "import/1"],
      ])
      expect((await store().list({ readers: ["*"], filter: {}, limit: 10 })).rows).toHaveLength(2)
    })

    test("can be discarded with its turns only by the caller that started it, and only before it is finished", async () => {
      const run_id = await started()
      expect(await store().discardImport({ run_id, owner: "import/2" })).toMatchObject({ code: "forbidden" })
      expect(await store().discardImport({ run_id, owner: "import/1" })).toMatchObject({ ok: true })
      expect(await store().get(run_id)).toBeUndefined()
      expect(await store().discardImport({ run_id, owner: "import/1" })).toEqual({
        ok: false,
        code: "not_found",
      })
      expect(await store().startImport(aNewRun({ run_id, imported: true }))).toMatchObject({ created: true })
      expect((await store().turns({ run_id, from: 0, limit: 10, maxBytes: 1_000 })).turns).toEqual([])
      const finished = await started()
      await finish(finished)
      expect(await store().discardImport({ run_id: finished, owner: "import/1" })).toMatchObject({
        code: "forbidden",
      })
    })

    test("is refused for a run that isn't being imported by this caller", async () => {
      const run_id = await started()
      expect(await finish(run_id, undefined, "import/2")).toMatchObject({ ok: false, code: "forbidden" })
      await finish(run_id)
      expect(await finish(run_id)).toMatchObject({ ok: false, code: "already_terminal" })
      expect(await finish("unknown")).toEqual({ ok: false, code: "not_found" })
    })
  })
}
