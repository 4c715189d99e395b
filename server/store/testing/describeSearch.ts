import { describe, expect, test } from "vitest"
import type { RunFilter } from "@/lib/protocol/commands"
import { eventually } from "@/lib/testing/eventually"
import { seededRandom } from "@/lib/testing/seededRandom"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import type { NewRun } from "@/server/store/RunStore"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun, anEncodedTurn, aQuery } from "./storeSamples"

const ended_at = "2026-01-02T04:00:00.000Z"

/** The contract of `list` with a search in turns. Stores may index turns some seconds after storing them. */
export function describeSearch(store: StoreOfTest): void {
  const start = async (given: Partial<NewRun> = {}) => (await store().start(aNewRun(given))).row.run_id
  const say = (run_id: string, ...messages: string[]) => store().append(aBatch(run_id, messages))
  /** Reads all pages. A page may be short, because the amount of data read per page is limited. */
  const pagesOf = async (filter: RunFilter) => {
    const pages = [await store().list(aQuery({ filter, inTurns: true }))]
    for (let before = pages[0]?.next; before !== undefined; before = pages.at(-1)?.next)
      pages.push(await store().list(aQuery({ filter, inTurns: true, before })))
    return pages
  }
  const found = async (q: string, filter: RunFilter = {}) =>
    (await pagesOf({ ...filter, q })).flatMap(({ rows }) => rows.map((row) => row.run_id))
  const hitOf = async (q: string, run_id: string) =>
    (await pagesOf({ q })).find(({ hits }) => hits?.[run_id] !== undefined)?.hits?.[run_id]
  /**
   * Waits until all turns are indexed before it checks, because searches that don't use the index would succeed
   * earlier.
   */
  const onceIndexed = async (check: () => Promise<void>) => {
    await eventually(() => expect(store().figures?.().unsearchable ?? 0).toBe(0))
    await eventually(check)
  }

  describe("a search in turns", () => {
    test("finds any part of a word in any case, and returns the turn", async () => {
      const run_id = await start()
      const other = await start()
      await say(run_id, "nothing", "It says ECONNRESET by peer", "again econnreset")
      await say(other, "all is well")
      await onceIndexed(async () => expect(await found("econn")).toEqual([run_id]))
      expect(await hitOf("econn", run_id)).toEqual({ index: 1, text: "It says ECONNRESET by peer" })
      for (const q of [
        "ECONNRESET",
        "says by",
        "ec",
        "reset",
        "NNR",
        "peer it",
        "CONN",
        '"by peer"',
        "ECONNRESET by",
      ])
        expect([q, await found(q)]).toEqual([q, [run_id]])
      for (const q of ["econnresets", "well says", "nowhere", '"peer by"', "resetby"])
        expect(await found(q)).toEqual([])
      await onceIndexed(async () => expect(await found("al")).toEqual([other]))
    })

    test("searches every text of a turn", async () => {
      const texts = {
        prompt: "alpha",
        message: "beta",
        thinking: "gamma",
        tool: "delta",
        parameters: { key: ["epsilon"] },
        output: { deep: [{ type: "zeta" }] },
        error: { message: "eta", type: "theta" },
        attributes: { iota: 41728365 },
        cli_outcome: { stderr: "kappa" },
        model: "lambda",
        event: "omicron",
        verifier_verdict: "sigma",
        exit_code: 127,
        usage: { input_tokens: 987654 },
        started_at: "2026-07-08T00:00:00Z",
      }
      const run_id = await start()
      const turns = [anEncodedTurn("", { body: JSON.stringify(texts) })]
      await store().append(aBatch(run_id, [], { turns }))
      await onceIndexed(async () => expect(await found("alpha")).toEqual([run_id]))
      const words = [
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "41728365",
        "7283",
        "kappa",
      ]
      for (const q of [...words, "lambda", "omicron", "sigma", "127", "key", "type"])
        expect([q, await found(q)]).toEqual([q, [run_id]])
      for (const q of ["parameters", "987654", "2026-07", "kind"])
        expect([q, await found(q)]).toEqual([q, []])
    })

    test("searches the run's own texts", async () => {
      const labels = { pr: "label-x9" }
      const run_id = await start({
        intent: "deploy",
        labels,
        agent_name: "Ada Seven",
        source: { name: "codex" },
      })
      await start()
      const outcome = {
        status: "success" as const,
        summary: "sumx9",
        evidence: ["evidx9"],
        metrics: { speed: "metricx9" },
      }
      await store().complete({ run_id, writer: ["*"], owner: "connection-1", outcome, ended_at })
      for (const q of [
        "abel-x",
        "pr deploy",
        "ada",
        '"ada seven"',
        "codex",
        "sumx9",
        "EVIDX9",
        "metricx9",
        "speed",
        run_id,
      ])
        expect([q, await found(q)]).toEqual([q, [run_id]])
      expect(await found('"seven ada"')).toEqual([])
    })

    test("searches the run's own texts and its turns together; a hit has a turn only if the run's texts don't match alone", async () => {
      const run_id = await start({ intent: "Deploy the gateway" })
      await say(run_id, "first", "the checksum differs")
      await onceIndexed(async () => expect(await found("checksum")).toEqual([run_id]))
      expect(await found("gateway checksum")).toEqual([run_id])
      expect(await hitOf("gateway checksum", run_id)).toEqual({ index: 1, text: "the checksum differs" })
      expect(await hitOf("eploy the", run_id)).toEqual({ text: "Deploy the gateway" })
      expect(await found("gateway nowhere")).toEqual([])
    })

    test("counts the runs found, combines with other filters, and searches turns only if asked to", async () => {
      const [a, b] = [await start({ agent_id: "robot" }), await start({ agent_id: "other" })]
      await say(a, "needle")
      await store().append(aBatch(b, ["needle"], { writer: ["other"] }))
      await store().abandon({ run_id: a, owner: "connection-1", ended_at })
      await onceIndexed(async () => expect((await found("needle")).sort()).toEqual([a, b].sort()))
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

    test("treats no character of a search as an operator", async () => {
      const run_id = await start({ intent: "count" })
      await say(run_id, "one two-three a'b 50%")
      await onceIndexed(async () => expect(await found("two")).toEqual([run_id]))
      for (const q of ['"one"', "two-three", "-three", "'", "a'b", "0%", "o t"])
        expect([q, await found(q)]).toEqual([q, [run_id]])
      for (const q of [
        "one AND two",
        "-one",
        "two*",
        "^one",
        "word:one",
        "NEAR(one two)",
        "one XOR two",
        "_wo",
        "%%",
        "\\",
      ])
        expect([q, await found(q)]).toEqual([q, []])
    })

    test("finds code and scripts without spaces as written", async () => {
      const texts = [
        "北京的天气",
        "东京 北方",
        "サーバーが落ちた",
        "バスとサバとーバー",
        "ภาษาไทยง่าย",
        "ยไท",
        "데이터베이스 오류",
        "خطأ في الخادم",
        "foo.bar(x)",
        "foo bar(x)",
      ]
      const runs: string[] = []
      for (const text of texts) {
        const run_id = await start()
        await say(run_id, text)
        runs.push(run_id)
      }
      const expected = {
        北京: [0],
        天气: [0],
        "京 北": [0, 1],
        サーバー: [2],
        ไทย: [4],
        데이터: [6],
        베이스: [6],
        الخادم: [7],
        "foo.bar(": [8],
        "bar(X)": [8, 9],
        "o.b": [8],
      }
      await onceIndexed(async () => expect(await found("foo bar")).toHaveLength(2))
      for (const [q, at] of Object.entries(expected))
        expect([q, (await found(q)).sort()]).toEqual([q, at.map((one) => runs[one]).sort()])
    })

    test("finds text beyond the first 64 KiB of a turn, and in a word of any length", async () => {
      const [a, b] = [await start(), await start()]
      await say(a, `${"o ".repeat(40_000)}faraway`)
      await say(b, `${"0123456789abcdef".repeat(20)}needle${"fedcba9876543210".repeat(20)}`)
      await onceIndexed(async () => expect(await found("faraway")).toEqual([a]))
      await onceIndexed(async () => expect(await found("needle")).toEqual([b]))
      expect(await found("fneedlef")).toEqual([b])
      expect(await found(`${"0123456789abcdef".repeat(5)}needle`)).toEqual([b])
      expect(await found(`${"0123456789abcdef".repeat(5)}needlex`)).toEqual([])
    })

    test("finds the same runs as a plain string search, also page by page", async () => {
      const random = seededRandom(3)
      const letters = [...'ab AB"\n.-é京ไ東σ😀7']
      const text = (length: number) =>
        Array.from({ length: 1 + random.below(length) }, () => random.pick(letters)).join("")
      const said = new Map<string, string[]>()
      for (let at = 0; at < 40; at++) {
        const run_id = await start({ run_id: `plain-${at}`, agent_id: "r", intent: "i" })
        const messages = Array.from({ length: 1 + random.below(3) }, () => text(30))
        await store().append(aBatch(run_id, messages, { writer: ["r"] }))
        said.set(run_id, messages)
      }
      const last = await start({ agent_id: "r", intent: "i" })
      await store().append(aBatch(last, ["lastone"], { writer: ["r"] }))
      await onceIndexed(async () => expect(await found("lastone")).toEqual([last]))
      for (let round = 0; round < 60; round++) {
        const q = text(random.chance(0.6) ? 3 : 7)
        const plain = (run_id: string, messages: string[]) =>
          [run_id, "r", "i", "model", ...messages].map((one) => foldText(shownText(one)))
        const expected = [...said]
          .filter(([run_id, messages]) =>
            foldedTerms(q).every((term) =>
              plain(run_id, messages.map(String))
                .filter((one) => one !== "model")
                .some((one) => one.includes(term)),
            ),
          )
          .map(([run_id]) => run_id)
        const pages: string[] = []
        for (let before: string | undefined, isMore = true; isMore; ) {
          const page = await store().list(
            aQuery({ filter: { q }, inTurns: true, limit: 7, ...(before && { before }), counts: {} }),
          )
          pages.push(...page.rows.map((row) => row.run_id).filter((run_id) => run_id !== last))
          if (page.countsAreExact !== false)
            expect([q, page.counts?.in_progress]).toEqual([q, (await found(q)).length])
          before = page.next
          isMore = before !== undefined
        }
        expect([q, pages.sort()]).toEqual([q, expected.sort()])
      }
    })

    test("finds turns late in a long run, and words in any script", async () => {
      const run_id = await start()
      for (let from = 0; from < 300; from += 100)
        await say(run_id, ...Array.from({ length: 100 }, (_, at) => `step ${from + at}`))
      await say(run_id, "Überraschung in 東京", "done")
      await onceIndexed(async () => expect(await found("überr")).toEqual([run_id]))
      expect(await hitOf("überr", run_id)).toEqual({ index: 300, text: "Überraschung in 東京" })
      expect(await hitOf("京", run_id)).toMatchObject({ index: 300 })
      expect(await hitOf("299", run_id)).toMatchObject({ index: 299 })
    })

    test("returns at most 200 characters around the hit", async () => {
      const run_id = await start()
      await say(run_id, `${"before ".repeat(500)}\n\u001b[31mneedle\u001b[0m\t${"after ".repeat(500)}`)
      await onceIndexed(async () => expect(await found("needle")).toEqual([run_id]))
      const hit = await hitOf("needle", run_id)
      expect(hit?.text).toMatch(/^…[a-z ]{1,60}before needle after [a-z ]+…$/)
      expect(hit?.text.length).toBeLessThanOrEqual(200)
      expect(hit?.text.length).toBeGreaterThan(150)
    })

    test("no longer finds a deleted run", async () => {
      const [a, b] = [await start(), await start()]
      for (const run_id of [a, b]) await say(run_id, "needle")
      await onceIndexed(async () => expect((await found("needle")).length).toBe(2))
      await store().abandon({ run_id: a, owner: "connection-1", ended_at })
      await store().delete({ run_id: a, readers: ["*"] })
      expect(await found("needle")).toEqual([b])
    })
  })
}
