import { describe, expect, test } from "vitest"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun, anEncodedTurn } from "./storeSamples"

/** The contract of `turns` and `outlines`. */
export function describePages(store: StoreOfTest): void {
  const withTurns = async (turns: ReturnType<typeof anEncodedTurn>[]) => {
    const { row } = await store().start(aNewRun())
    await store().append(aBatch(row.run_id, [], { turns }))
    return row.run_id
  }
  const many = (count: number, chars: number) =>
    withTurns(Array.from({ length: count }, (_, at) => anEncodedTurn(`${at}${"é".repeat(chars)}`)))

  describe("pages", () => {
    test("I7: a turn is its exact JSON text with the index and the time in front", async () => {
      const body = '{ "odd" : "\\u0000 \\ud800 漢字", "big":12345678901234567890 }'
      const run_id = await withTurns([anEncodedTurn("x", { body }), anEncodedTurn("y", { body: "{}" })])
      const { turns } = await store().turns({ run_id, from: 0, limit: 10, maxBytes: 10_000 })
      expect(turns).toEqual([
        `{"index":0,"recorded_at":"2026-01-02T03:05:00.000Z",${body.slice(1)}`,
        '{"index":1,"recorded_at":"2026-01-02T03:05:00.000Z"}',
      ])
    })

    test("returns the truncated turn, or the full one", async () => {
      const cut = anEncodedTurn("long", { preview: '{"message":"lo","truncated":{"/message":4}}' })
      const run_id = await withTurns([cut, anEncodedTurn("short")])
      const read = { run_id, from: 0, limit: 10, maxBytes: 10_000 }
      const messages = (turns: string[]) => turns.map((turn) => JSON.parse(turn).message)
      expect(messages((await store().turns(read)).turns)).toEqual(["lo", "short"])
      expect(messages((await store().turns({ ...read, whole: true })).turns)).toEqual(["long", "short"])
    })

    test.each([
      [0, 1],
      [5, 3],
      [190, 100],
      [200, 5],
      [1_000, 5],
      [2 ** 30, 5],
      [0, 0],
    ])("from %i, at most %i turns", async (from, limit) => {
      const run_id = await many(200, 1)
      const expected = Array.from({ length: 200 }, (_, at) => at).slice(from, from + limit)
      const page = await store().turns({ run_id, from, limit, maxBytes: 1e9 })
      expect(page.from).toBe(from)
      expect(page.turns.map((turn) => JSON.parse(turn).index)).toEqual(expected)
      const outlines = await store().outlines({ run_id, from, limit })
      expect(outlines.turns.map((turn) => JSON.parse(turn).index)).toEqual(expected)
    })

    test("a page ends before it exceeds its maximum size, and has at least one turn", async () => {
      const run_id = await many(200, 100)
      const turnBytes = Buffer.byteLength(anEncodedTurn(`100${"é".repeat(100)}`).body)
      const page = (maxBytes: number, from = 100) =>
        store()
          .turns({ run_id, from, limit: 1_000, maxBytes })
          .then(({ turns }) => turns.length)
      expect(await page(turnBytes * 3)).toBe(3)
      expect(await page(turnBytes * 3 - 1)).toBe(2)
      expect(await page(turnBytes * 80)).toBe(80)
      expect(await page(1)).toBe(1)
      expect(await page(0)).toBe(1)
      expect(await page(turnBytes * 1_000)).toBe(100)
    })

    test("the size of a page is counted after turns are truncated", async () => {
      const turns = Array.from({ length: 4 }, () =>
        anEncodedTurn("x".repeat(1_000), { preview: '{"cut":1}' }),
      )
      const run_id = await withTurns(turns)
      const read = { run_id, from: 0, limit: 10, maxBytes: 100 }
      expect((await store().turns(read)).turns).toHaveLength(4)
      expect((await store().turns({ ...read, whole: true })).turns).toHaveLength(1)
    })

    test("outlines start with the index and the time", async () => {
      const run_id = await withTurns([anEncodedTurn("hello")])
      const { turns } = await store().outlines({ run_id, from: 0, limit: 10 })
      expect(turns).toEqual([
        '{"index":0,"recorded_at":"2026-01-02T03:05:00.000Z","kind":"model","title":"hello"}',
      ])
    })
  })
}
