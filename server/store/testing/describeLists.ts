import { describe, expect, test } from "vitest"
import type { RunFilter } from "@/lib/protocol/commands"
import type { NewRun, RunQuery, RunRow } from "@/server/store/RunStore"
import type { StoreOfTest } from "./StoreOfTest"
import { aNewRun, aQuery } from "./storeSamples"

/** The contract of `list`. */
export function describeLists(store: StoreOfTest): void {
  const start = async (given: Partial<NewRun> = {}) => (await store().start(aNewRun(given))).row
  const ids = async (filter: RunFilter, readers: string[] = ["*"]) =>
    (await store().list(aQuery({ filter, readers }))).rows.map((row) => row.run_id)
  const idsOf = (...rows: RunRow[]) => rows.map((row) => row.run_id)
  const end = (
    row: RunRow,
    status: "success" | "failure",
    summary = "fine",
    ended_at = "2026-03-01T00:00:00.000Z",
  ) =>
    store().complete({
      run_id: row.run_id,
      writer: ["*"],
      owner: "connection-1",
      outcome: { status, summary },
      ended_at,
    })

  describe("list", () => {
    test("sorts by start and then by ID, newest first; pages have no gaps or overlaps", async () => {
      const times = [3, 1, 2, 2, 2, 3, 1].map((second) => `2026-01-01T00:00:0${second}.000Z`)
      const rows = await Promise.all(times.map((started_at) => start({ started_at })))
      const order = rows
        .sort((a, b) => (a.started_at + a.run_id < b.started_at + b.run_id ? 1 : -1))
        .map((row) => row.run_id)
      for (const limit of [1, 2, 3, 7, 50]) {
        const seen: string[] = []
        let query: RunQuery | undefined = aQuery({ limit })
        while (query !== undefined) {
          const page = await store().list(query)
          expect(page.rows.length).toBeLessThanOrEqual(limit)
          seen.push(...page.rows.map((row) => row.run_id))
          query = page.next === undefined ? undefined : { ...query, before: page.next }
        }
        expect(seen).toEqual(order)
      }
    })

    test("an invalid `before` gives an empty page", async () => {
      await start()
      expect(await store().list(aQuery({ before: "garbage" }))).toEqual({ rows: [] })
    })

    test("S7: lists only runs of readable agents", async () => {
      const [a, b, c] = [
        await start({ agent_id: "ci/lint" }),
        await start({ agent_id: "ci/test" }),
        await start({ agent_id: "cj" }),
      ]
      expect(await ids({}, ["ci/*"])).toEqual(idsOf(b, a))
      expect(await ids({}, ["ci/test", "cj"])).toEqual(idsOf(c, b))
      expect(await ids({}, ["ci/"])).toEqual([])
      expect(await ids({}, ["c*", "ci/test"])).toEqual(idsOf(c, b, a))
      expect(await ids({}, [])).toEqual([])
      expect(await ids({}, ["\0", "%", "c_"])).toEqual([])
    })

    test("filters by agent, status, outcome and parent", async () => {
      const going = await start()
      const won = await start({ agent_id: "other" })
      const lost = await start({ parent: { run_id: "a parent\0" } })
      await end(won, "success")
      await end(lost, "failure")
      const left = await start({ owner: "x" })
      await store().abandon({ run_id: left.run_id, owner: "x", ended_at: "2026-03-01T00:00:00.000Z" })
      expect(await ids({ agent_id: "other" })).toEqual(idsOf(won))
      expect(await ids({ agent_id: "other" }, ["robot"])).toEqual([])
      expect(await ids({ status: ["in_progress"] })).toEqual(idsOf(going))
      expect(await ids({ status: ["completed", "incomplete"] })).toEqual(idsOf(left, lost, won))
      expect(await ids({ status: [] })).toEqual([])
      expect(await ids({ outcome: ["failure", "timeout"] })).toEqual(idsOf(lost))
      expect(await ids({ failed: true })).toEqual(idsOf(left, lost))
      expect(await ids({ outcome: ["success"], status: ["in_progress"] })).toEqual([])
      expect(await ids({ parent_run_id: "a parent\0" })).toEqual(idsOf(lost))
      expect(await ids({ parent_run_id: "a parent" })).toEqual([])
      expect(await ids({ waiting: true })).toHaveLength(4)
    })

    test("filters by start in any time zone: `after` is inclusive, `before` is exclusive", async () => {
      const [a, b, c] = [
        await start({ started_at: "2026-01-01T10:00:00.000Z" }),
        await start({ started_at: "2026-01-01T11:00:00.000Z" }),
        await start({ started_at: "2026-01-01T12:00:00.000Z" }),
      ]
      expect(await ids({ started_after: "2026-01-01T12:00:00+01:00" })).toEqual(idsOf(c, b))
      expect(await ids({ started_before: "2026-01-01T11:00:00Z" })).toEqual(idsOf(a))
      expect(
        await ids({ started_after: "2026-01-01T11:00:00Z", started_before: "2026-01-01T12:00:00.000Z" }),
      ).toEqual(idsOf(b))
    })

    test("overlaps finds runs that were in progress at any time in the range", async () => {
      const early = await start({ started_at: "2026-01-01T10:00:00.000Z" })
      const going = await start({ started_at: "2026-01-01T10:30:00.000Z" })
      const late = await start({ started_at: "2026-01-01T12:00:00.000Z" })
      await end(early, "success", "", "2026-01-01T11:00:00.000Z")
      const overlaps = (from: string, to: string) =>
        ids({ overlaps: { from: `2026-01-01T${from}:00Z`, to: `2026-01-01T${to}:00Z` } })
      expect(await overlaps("09:00", "09:30")).toEqual([])
      expect(await overlaps("09:00", "10:00")).toEqual(idsOf(early))
      expect(await overlaps("10:40", "10:50")).toEqual(idsOf(going, early))
      expect(await overlaps("11:00", "11:30")).toEqual(idsOf(going, early))
      expect(await overlaps("11:01", "13:00")).toEqual(idsOf(late, going))
    })

    test("q finds texts of the run in any case, and has no wildcard characters", async () => {
      const a = await start({ intent: "Fix the ÜBER bug_1%", agent_name: "Robby" })
      const b = await start({ agent_id: "ci/Lint" })
      await end(b, "success", "All GREEN \0 now")
      expect(await ids({ q: "über BUG" })).toEqual(idsOf(a))
      expect(await ids({ q: "bug_1%" })).toEqual(idsOf(a))
      expect(await ids({ q: "bug%" })).toEqual([])
      expect(await ids({ q: "ROBBY" })).toEqual(idsOf(a))
      expect(await ids({ q: "ci/lint" })).toEqual(idsOf(b))
      expect(await ids({ q: "green \0 n" })).toEqual(idsOf(b))
      expect(await ids({ q: "\0" })).toEqual(idsOf(b))
      expect(await ids({ q: "" })).toEqual(idsOf(b, a))
    })

    test("all labels must match exactly", async () => {
      const a = await start({ labels: { repo: "x", 'odd"\0': "Y" } })
      const b = await start({ labels: { repo: "x" } })
      expect(await ids({ labels: { repo: "x" } })).toEqual(idsOf(b, a))
      expect(await ids({ labels: { repo: "x", 'odd"\0': "Y" } })).toEqual(idsOf(a))
      expect(await ids({ labels: { 'odd"\0': "y" } })).toEqual([])
      expect(await ids({ labels: { toString: "x" } })).toEqual([])
      expect(await ids({ labels: {} })).toEqual(idsOf(b, a))
    })
  })
}
