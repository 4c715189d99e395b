import { describe, expect, test } from "vitest"
import { seededRandom } from "@/lib/testing/seededRandom"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { encodeTurn } from "@/server/registry/encodeTurn"
import type { TurnFilter, TurnSearchQuery } from "@/server/search/TurnScan"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun } from "./storeSamples"

/** The contract of `searchTurns`. */
export function describeTurnSearch(store: StoreOfTest): void {
  const aRun = async (...turns: Record<string, unknown>[]) => {
    const { row } = await store().start(aNewRun())
    for (let from = 0; from < turns.length; from += 100) {
      const encoded = turns.slice(from, from + 100).map((turn) => encodeTurn(turn))
      await store().append(aBatch(row.run_id, [], { turns: encoded }))
    }
    return { run_id: row.run_id, cursor: turns.length }
  }
  type Run = Awaited<ReturnType<typeof aRun>>
  const search = (run: Run, q: string, more: Partial<TurnSearchQuery> = {}) =>
    store().searchTurns({ ...run, terms: foldedTerms(q), filter: {}, from: 0, limit: 100, ...more })
  const indices = async (run: Run, q: string, filter: TurnFilter = {}) =>
    (await search(run, q, { filter })).hits.map(({ index }) => index)

  describe("a search in a run", () => {
    test("finds each output that contains a word, and returns the text around it", async () => {
      const outputs = Array.from(
        { length: 30 },
        (_, at) => `connecting … ${at}\nError: ECONNRESET by peer\nretrying`,
      )
      const run = await aRun(...outputs.map((output) => ({ tool: "bash", output })), { message: "done" })
      const page = await search(run, "econnreset")
      expect(page).toMatchObject({ total: 30, total_is_exact: true })
      expect(page.hits.map(({ index }) => index)).toEqual(outputs.map((_, at) => at))
      const [hit] = page.hits
      expect(hit).toMatchObject({ index: 0, field: "output", excerpt: outputs[0] })
      expect(hit?.ranges.map(([start, end]) => hit.excerpt.slice(start, end))).toEqual(["ECONNRESET"])
    })

    test("several words must be in the same turn, and a phrase must match exactly", async () => {
      const far = `connection ${"….".repeat(200)} refused`
      const run = await aRun(
        { output: far },
        { output: "connection" },
        { tool: "curl", message: "refused" },
        { message: "connection refused" },
      )
      expect(await search(run, "refused connection")).toMatchObject({
        total: 2,
        hits: [{ index: 0 }, { index: 3 }],
      })
      expect(await indices(run, '"connection refused"')).toEqual([3])
      expect(await indices(run, "curl REFUSED")).toEqual([2])
    })

    test("searches every field, at any depth and length", async () => {
      const fields: [string, Record<string, unknown>][] = [
        ["stderrword", { cli_outcome: { stderr: "a stderrword" } }],
        ["41728365", { parameters: { ticket: 41728365 } }],
        ["9007199254740993", { output: { id: "9007199254740993" } }],
        ["attrword", { attributes: { request: { id: "attrword" } } }],
        ["typeword", { error: { message: "m", type: "TypeWord" } }],
        ["codeword", { error: { message: "m", code: "codeword" } }],
        ["modelword", { kind: "model", model: "modelword" }],
        ["eventword", { kind: "system", event: "eventword" }],
        ["keyword", { parameters: { keyword: 1 } }],
        ["deepword", { output: [{ a: [{ b: "deepword" }] }] }],
        ["endword", { output: `${"o ".repeat(70_000)}endword` }],
        ["unbrokenword", { output: `${"o".repeat(70_000)}unbrokenword` }],
        ["thinkword", { thinking: "thinkword" }],
        ["promptword", { prompt: "promptword" }],
        ["verdictword", { verifier_verdict: { said: "verdictword" } }],
        ["pathword", { message: "m", path: ["graph", "pathword"] }],
        ["redder", { output: "\u001b[31mred\u001b[0mder" }],
      ]
      const run = await aRun(...fields.map(([, turn]) => turn))
      for (const [at, [word]] of fields.entries())
        expect([word, await indices(run, word)]).toEqual([word, [at]])
      for (const word of ["parameters", "attributes", "index", "recorded_at"])
        expect(await indices(run, word)).toEqual([])
    })

    test("finds code and any script as written", async () => {
      const texts = [
        "北京的天气",
        "东京 北方",
        "サーバーが落ちた",
        "ภาษาไทยง่าย",
        "데이터베이스 오류",
        "خطأ في الخادم",
        'foo.bar(x) => "y"',
        "C:\\temp\\new",
        "a->b",
        "Straße ΟΔΟΣΑ",
        "cafe\u0301",
        "🔥 on fire",
      ]
      const run = await aRun(...texts.map((message) => ({ message })))
      const queries = [
        "北京",
        '"京 北"',
        "サーバー",
        "ไทย",
        "베이스",
        "الخادم",
        "bar(X)",
        "p\\new",
        "->",
        "οδοσ",
        "CAFÉ",
        "🔥",
      ]
      for (const [at, q] of queries.entries()) expect([q, await indices(run, q)]).toEqual([q, [at]])
      expect(await indices(run, '=> "y"')).toEqual([6])
      expect(await indices(run, "%")).toEqual([])
    })

    test("filters with and without words; all filters must match", async () => {
      const run = await aRun(
        { tool: "bash", output: "x needle", error: { message: "no" } },
        { tool: "bash", output: { exit_code: 2, text: "needle" } },
        { kind: "model", model: "m1", message: "needle", cost_usd: 0.5 },
        { kind: "model", model: "m2", message: "other", cost_usd: 0.1 },
        { tool: "curl", output: "needle" },
      )
      expect(await indices(run, "needle", { errors: true })).toEqual([0])
      expect(await indices(run, "needle", { exits: true })).toEqual([1])
      expect(await indices(run, "", { kinds: ["model"] })).toEqual([2, 3])
      expect(await indices(run, "needle", { kinds: ["model"] })).toEqual([2])
      expect(await indices(run, "", { tools: ["curl", "bash"] })).toEqual([0, 1, 4])
      expect(await indices(run, "", { tools: ["bash"], errors: true })).toEqual([0])
      expect(await indices(run, "", { models: ["m2"] })).toEqual([3])
      expect(await indices(run, "", { min_cost: 0.2 })).toEqual([2])
      expect(await indices(run, "", { errors: false })).toEqual([0, 1, 2, 3, 4])
      const page = await search(run, "")
      expect(page).toMatchObject({ total: 5, total_is_exact: true })
      expect(page.hits[0]).toMatchObject({ index: 0, ranges: [] })
    })

    test("several pages have the same hits as one page, and each has the total", async () => {
      const outputs = Array.from({ length: 700 }, (_, at) => (at % 3 === 0 ? `needle ${at}` : `hay ${at}`))
      const run = await aRun(...outputs.map((output) => ({ output })))
      const whole = await search(run, "needle", { limit: 500 })
      expect(whole).toMatchObject({ total: 234, total_is_exact: true })
      const pages = []
      for (let from: number | undefined = 0; from !== undefined; ) {
        const page = await search(run, "needle", { from, limit: 50 })
        expect([page.hits.length <= 50, page.total, page.total_is_exact]).toEqual([true, 234, true])
        pages.push(...page.hits)
        from = page.next
      }
      expect(pages).toEqual(whole.hits)
      expect(await search(run, "needle", { from: 5_000 })).toEqual({
        hits: [],
        total: 234,
        total_is_exact: true,
      })
    })

    test("an unknown run has no hits", async () => {
      for (const run_id of ["nobody", "\0", "\ud800"])
        expect(await search({ run_id, cursor: 3 }, "x")).toMatchObject({ hits: [], total: 0 })
    })

    test("finds the same turns as a plain string search", async () => {
      const random = seededRandom(5)
      const letters = [...'ab AB"\\\n\t.-{é京ตΣς😀İK\u0301\ufffd']
      const text = (length: number) =>
        Array.from({ length: random.below(length) }, () => random.pick(letters)).join("")
      const turns = Array.from({ length: 120 }, () => ({
        message: text(30),
        output: { [text(4)]: text(40), list: [text(9), random.below(200)] },
      }))
      const run = await aRun(...turns)
      const plain = turns.map(({ message, output: { list, ...rest } }) =>
        ["list", message, ...list.map(String), ...Object.keys(rest), ...Object.values(rest).map(String)].map(
          (one) => foldText(shownText(one)),
        ),
      )
      for (let round = 0; round < 150; round++) {
        const q = text(random.chance(0.7) ? 4 : 8)
        const terms = foldedTerms(q)
        const expected = plain.flatMap((texts, at) =>
          terms.every((term) => texts.some((one) => one.includes(term))) ? [at] : [],
        )
        const found = new Set((await search(run, q, { limit: 500 })).hits.map(({ index }) => index))
        expect([q, [...found]]).toEqual([q, expected])
      }
    })
  })
}
