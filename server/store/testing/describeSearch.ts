import { describe, expect, test, vi } from "vitest"
import type { RunFilter } from "@/lib/protocol/commands"
import type { NewRun } from "@/server/store/RunStore"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun, anEncodedTurn, aQuery } from "./storeSamples"

const ended_at = "2026-01-02T04:00:00.000Z"

/** What a store promises of `list` and `count` that look into turns. It may find a turn some seconds after it was stored. */
export function describeSearch(store: StoreOfTest): void {
  const start = async (given: Partial<NewRun> = {}) => (await store().start(aNewRun(given))).row.run_id
  const say = (run_id: string, ...messages: string[]) => store().append(aBatch(run_id, messages))
  const found = async (q: string, filter: RunFilter = {}) =>
    (await store().list(aQuery({ filter: { ...filter, q }, inTurns: true }))).rows.map((row) => row.run_id)
  const hitOf = async (q: string, run_id: string) =>
    (await store().list(aQuery({ filter: { q }, inTurns: true }))).hits?.[run_id]
  const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 })

  describe("a search in turns", () => {
    test("finds words by their beginnings, whatever their case, and says where", async () => {
      const run_id = await start()
      const other = await start()
      await say(run_id, "nothing", "It says ECONNRESET by peer", "again econnreset")
      await say(other, "all is well")
      await eventually(async () => expect(await found("econn")).toEqual([run_id]))
      expect(await hitOf("econn", run_id)).toEqual({ index: 1, text: "It says ECONNRESET by peer" })
      for (const q of ["ECONNRESET", "says by", "ec", "eco", "peer it"])
        expect(await found(q)).toEqual([run_id])
      for (const q of ["reset", "econnresets", "well says", "nowhere"]) expect(await found(q)).toEqual([])
      await eventually(async () => expect(await found("al")).toEqual([other]))
    })

    test("looks into every text of a turn", async () => {
      const texts = {
        prompt: "alpha",
        message: "beta",
        thinking: "gamma",
        tool: "delta",
        parameters: { key: ["epsilon"] },
        output: { deep: [{ type: "zeta" }] },
        error: { message: "eta", type: "unseen" },
        attributes: { unseen: "unseen" },
      }
      const run_id = await start()
      const turns = [anEncodedTurn("", { body: JSON.stringify(texts) })]
      await store().append(aBatch(run_id, [], { turns }))
      await eventually(async () => expect(await found("alpha")).toEqual([run_id]))
      for (const q of ["beta", "gamma", "delta", "epsilon", "zeta", "eta"])
        expect(await found(q)).toEqual([run_id])
      for (const q of ["unseen", "key", "type"]) expect(await found(q)).toEqual([])
    })

    test("takes the run's own texts and its turns together, and tells of the turn where one is needed", async () => {
      const run_id = await start({ intent: "Deploy the gateway" })
      await say(run_id, "first", "the checksum differs")
      await eventually(async () => expect(await found("checksum")).toEqual([run_id]))
      expect(await found("gateway checksum")).toEqual([run_id])
      expect(await hitOf("gateway checksum", run_id)).toEqual({ index: 1, text: "the checksum differs" })
      expect(await hitOf("eploy the", run_id)).toEqual({ text: "Deploy the gateway" })
      expect(await found("gateway nowhere")).toEqual([])
    })

    test("counts what it lists, goes with other filters, and leaves a search without it alone", async () => {
      const [a, b] = [await start({ agent_id: "robot" }), await start({ agent_id: "other" })]
      await say(a, "needle")
      await store().append(aBatch(b, ["needle"], { writer: ["other"] }))
      await store().abandon({ run_id: a, owner: "connection-1", ended_at })
      await eventually(async () => expect((await found("needle")).sort()).toEqual([a, b].sort()))
      expect(await found("needle", { agent_id: "other" })).toEqual([b])
      expect(await found("needle", { status: ["incomplete"] })).toEqual([a])
      const status: RunFilter["status"] = ["in_progress"]
      const query = aQuery({ filter: { q: "needle", status }, inTurns: true, counts: {} })
      const page = await store().list(query)
      expect(page.rows.map((row) => row.run_id)).toEqual([b])
      expect(page.counts).toEqual({ in_progress: 1, completed: 0, incomplete: 1, failed: 1 })
      const later = await store().list({ ...query, counts: { failedSince: "2026-01-03T00:00:00Z" } })
      expect(later.counts?.failed).toBe(0)
      expect(await store().list(aQuery({ filter: { q: "needle" } }))).toEqual({ rows: [] })
      expect(
        (await store().list(aQuery({ readers: ["robot"], filter: { q: "needle" }, inTurns: true }))).rows,
      ).toHaveLength(1)
    })

    test("reads no character of a search as an operator", async () => {
      const run_id = await start({ intent: "count" })
      await say(run_id, "one two-three")
      await eventually(async () => expect(await found("two")).toEqual([run_id]))
      for (const q of [
        '"one"',
        "one AND two",
        "-one",
        "two*",
        "^one",
        "word:one",
        "NEAR(one two)",
        "one XOR two",
        "'",
      ])
        expect(await found(q)).toEqual(/AND|NEAR|OR|word|'/.test(q) ? [] : [run_id])
    })

    test("finds what is far down in a long run, and words of any script", async () => {
      const run_id = await start()
      for (let from = 0; from < 300; from += 100)
        await say(run_id, ...Array.from({ length: 100 }, (_, at) => `step ${from + at}`))
      await say(run_id, "Überraschung in 東京", "done")
      await eventually(async () => expect(await found("überr")).toEqual([run_id]))
      expect(await hitOf("überr", run_id)).toEqual({ index: 300, text: "Überraschung in 東京" })
      expect(await hitOf("京", run_id)).toMatchObject({ index: 300 })
      expect(await hitOf("299", run_id)).toMatchObject({ index: 299 })
    })

    test("shows a line of at most 200 characters around the hit", async () => {
      const run_id = await start()
      await say(run_id, `${"before ".repeat(500)}\n\u001b[31mneedle\u001b[0m\t${"after ".repeat(500)}`)
      await eventually(async () => expect(await found("needle")).toEqual([run_id]))
      const hit = await hitOf("needle", run_id)
      expect(hit?.text).toMatch(/^…[a-z ]{1,60}before needle after [a-z ]+…$/)
      expect(hit?.text.length).toBeLessThanOrEqual(200)
      expect(hit?.text.length).toBeGreaterThan(150)
    })

    test("forgets a deleted run in one go", async () => {
      const [a, b] = [await start(), await start()]
      for (const run_id of [a, b]) await say(run_id, "needle")
      await eventually(async () => expect((await found("needle")).length).toBe(2))
      await store().abandon({ run_id: a, owner: "connection-1", ended_at })
      await store().delete({ run_id: a, readers: ["*"] })
      expect(await found("needle")).toEqual([b])
    })
  })
}
