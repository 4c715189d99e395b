import { describe, expect, test } from "vitest"
import { RUN_SORTS, type RunSort, SORT_ORDERS } from "@/lib/protocol/enums"
import { noTotals } from "@/lib/trace/turnTotals"
import type { ListSort, RunQuery, RunRow } from "@/server/store/RunStore"
import { comparePlaces, placeOf, writeSortedCursor } from "@/server/store/sortedCursor"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun, anEncodedTurn, aQuery } from "./storeSamples"

const SORTS = RUN_SORTS.filter((by) => by !== "waiting_since")
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString()

/** The contract of sorted lists, and of finding agents by their names. */
export function describeSorts(store: StoreOfTest): void {
  /** Starts runs with many equal values. Some of them stay in progress. */
  async function aFleet(): Promise<RunRow[]> {
    const rows: RunRow[] = []
    for (let n = 0; n < 18; n++) {
      const { row } = await store().start(
        aNewRun({ agent_id: n % 2 === 0 ? "even" : "odd", started_at: at(Math.floor(n / 3)) }),
      )
      const totals = {
        ...noTotals(),
        errors: n % 4,
        cost_usd: (n % 5) * 0.1,
        estimated_cost_usd: n % 2 === 0 ? 0.2 : 0,
        input_tokens: (n % 3) * 100,
        output_tokens: n % 2,
      }
      const turns = Array.from({ length: n % 4 }, () => anEncodedTurn("x"))
      const [first, ...others] = turns
      if (first !== undefined)
        await store().append(
          aBatch(row.run_id, [], {
            writer: ["*"],
            turns: [{ ...first, totals }, ...others],
            recorded_at: at(100 + (n % 5)),
          }),
        )
      if (n % 6 !== 5) await end(row.run_id, n)
      rows.push((await store().get(row.run_id)) ?? row)
    }
    return rows
  }

  const end = (run_id: string, n: number) =>
    store().complete({
      ...{ run_id, writer: ["*"], owner: "connection-1" },
      outcome: { status: n % 3 === 0 ? "failure" : "success" },
      ended_at: at(200 + (n % 7)),
    })

  async function pages(query: RunQuery): Promise<string[]> {
    const seen: string[] = []
    for (let next: RunQuery | undefined = query; next !== undefined; ) {
      const page = await store().list(next)
      expect(page.rows.length).toBeLessThanOrEqual(query.limit)
      seen.push(...page.rows.map((row) => row.run_id))
      next = page.next === undefined ? undefined : { ...query, before: page.next }
    }
    return seen
  }

  const sorted = (rows: readonly RunRow[], by: RunSort, order: ListSort["order"]) =>
    rows
      .filter((row) => by === "started" || row.status !== "in_progress")
      .sort((a, b) => comparePlaces(placeOf(a, by), placeOf(b, by), order))
      .map((row) => row.run_id)

  describe("sorted lists", () => {
    test("every sort order works page by page, without gaps or overlaps, also with equal values", async () => {
      const rows = await aFleet()
      for (const by of SORTS)
        for (const order of SORT_ORDERS)
          for (const limit of [1, 4, 50])
            expect(await pages(aQuery({ sort: { by, order }, limit })), `${by} ${order} ${limit}`).toEqual(
              sorted(rows, by, order),
            )
    })

    test("filters and permissions apply to sorted lists", async () => {
      const rows = await aFleet()
      const sort: ListSort = { by: "errors", order: "desc" }
      const even = rows.filter((row) => row.agent_id === "even")
      expect(await pages(aQuery({ sort, readers: ["even"], limit: 3 }))).toEqual(
        sorted(even, "errors", "desc"),
      )
      expect(await pages(aQuery({ sort, filter: { agent_id: "even" }, limit: 3 }))).toEqual(
        sorted(even, "errors", "desc"),
      )
      const failed = rows.filter(
        ({ termination }) => termination?.kind === "outcome" && termination.outcome.status === "failure",
      )
      for (const filter of [{ failed: true as const }, { outcome: ["failure" as const] }])
        expect(await pages(aQuery({ sort, filter, limit: 2 }))).toEqual(sorted(failed, "errors", "desc"))
      const late = rows.filter((row) => row.started_at >= at(3))
      expect(await pages(aQuery({ sort, filter: { started_after: at(3) }, limit: 2 }))).toEqual(
        sorted(late, "errors", "desc"),
      )
    })

    test("a reopened run leaves the sorted list, and returns with its new values when it ends", async () => {
      const { row } = await store().start(aNewRun())
      const sort: ListSort = { by: "turns", order: "desc" }
      const listed = async () => (await store().list(aQuery({ sort }))).rows.map(({ cursor }) => cursor)
      await store().abandon({ run_id: row.run_id, owner: "connection-1", ended_at: at(200) })
      expect(await listed()).toEqual([0])
      await store().append(aBatch(row.run_id, ["a", "b"], { writer: ["*"] }))
      expect(await listed()).toEqual([])
      await end(row.run_id, 1)
      expect(await listed()).toEqual([2])
    })

    test("a `before` that is invalid or belongs to another order gives an empty page", async () => {
      const { row } = await store().start(aNewRun())
      await end(row.run_id, 1)
      const sort: ListSort = { by: "cost", order: "asc" }
      const other = writeSortedCursor({ by: "errors", order: "asc" }, placeOf(row, "errors"))
      for (const before of ["garbage", other, Buffer.from('["cost","asc",{},1,"x"]').toString("base64url")])
        expect(await store().list(aQuery({ sort, before }))).toEqual({ rows: [] })
    })
  })

  describe("agents by name", () => {
    const ids = async (agent: string) =>
      (await store().list(aQuery({ filter: { agent } }))).rows.map((row) => row.run_id)

    test("finds runs by the agent's name or id, regardless of the case of ASCII letters in the name", async () => {
      const { row: ada } = await store().start(aNewRun({ agent_id: "name:ada", agent_name: "Ada Seven" }))
      const { row: odd } = await store().start(aNewRun({ agent_name: 'Ünï\u0000"co\\de\n🎈' }))
      const { row: plain } = await store().start(aNewRun({ agent_id: "ada seven?".slice(0, 3) }))
      expect(await ids("ada SEVEN")).toEqual([ada.run_id])
      expect(await ids("name:ada")).toEqual([ada.run_id])
      expect(await ids("ada")).toEqual([plain.run_id])
      expect(await ids('Ünï\u0000"co\\de\n🎈')).toEqual([odd.run_id])
      expect(await ids("Ada")).toEqual([])
      expect(await store().count({ readers: ["*"], filter: { agent: "Ada Seven" } })).toMatchObject({
        in_progress: 1,
      })
    })

    test("after a name change, a run is found by the new name and not by the old one", async () => {
      const { row } = await store().start(aNewRun({ agent_name: "Before", labels: { a: "b" } }))
      await store().update({
        ...{ run_id: row.run_id, writer: ["*"], owner: "connection-1" },
        changes: { agent_name: "After" },
      })
      expect(await ids("after")).toEqual([row.run_id])
      expect(await ids("before")).toEqual([])
      expect((await store().list(aQuery({ filter: { labels: { a: "b" } } }))).rows).toHaveLength(1)
    })
  })
}
