import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { RunTotals } from "@/lib/protocol/run"
import type { ResponseUsage } from "@/lib/trace/responseUsage"
import { addTotals } from "@/lib/trace/turnTotals"
import { NO_TOTALS } from "@/server/store/runTransitions"
import type { StoreOfTest } from "./StoreOfTest"
import { aBatch, aNewRun, anEncodedTurn } from "./storeSamples"

/** The contract of `append`. */
export function describeAppends(store: StoreOfTest): void {
  const started = async () => (await store().start(aNewRun())).row.run_id
  const messages = async (run_id: string) => {
    const { turns } = await store().turns({ run_id, from: 0, limit: 100_000, maxBytes: 1e9 })
    return turns.map((turn) => JSON.parse(turn)).map(({ index, message }) => [index, message])
  }

  describe("append", () => {
    test("I6: assigns consecutive indices in the order sent, and adds up totals", async () => {
      const run_id = await started()
      const totals: RunTotals = {
        ...{ input_tokens: 10, cached_input_tokens: 4, output_tokens: 2, reasoning_tokens: 1 },
        ...{ cost_usd: 0.25, estimated_cost_usd: 0.5, unpriced_turns: 1, model_turns: 1 },
        ...{ errors: 1, failed_exits: 1, duration_ms: 1.5 },
      }
      const turns = [anEncodedTurn("one", { totals }), anEncodedTurn("two", { totals })]
      const first = await store().append(aBatch(run_id, [], { turns }))
      expect(first).toMatchObject({ ok: true, base_index: 0, count: 2, duplicate: false })
      const second = await store().append(aBatch(run_id, ["three"]))
      expect(second).toMatchObject({
        ok: true,
        base_index: 2,
        count: 1,
        recorded_at: "2026-01-02T03:05:00.000Z",
      })
      const row = await store().get(run_id)
      expect(row).toMatchObject({
        cursor: 3,
        last_turn_at: "2026-01-02T03:05:00.000Z",
        totals: addTotals(totals, totals),
      })
      expect(row).toEqual(second.row)
      expect(await messages(run_id)).toEqual([
        [0, "one"],
        [1, "two"],
        [2, "three"],
      ])
    })

    test("stores the newest error and its turn's index, also after the run's end", async () => {
      const run_id = await started()
      const append = (errors: (string | undefined)[], recorded_at = "2026-01-02T03:05:00.000Z") =>
        store().append(
          aBatch(run_id, [], {
            recorded_at,
            turns: errors.map((error) => anEncodedTurn("x", error === undefined ? {} : { error })),
          }),
        )
      expect((await append([undefined])).row?.last_error).toBeUndefined()
      await append(["429 quota", undefined, "500 oops", undefined])
      const last_error = { text: "500 oops", index: 3, at: "2026-01-02T03:05:00.000Z" }
      expect(await store().get(run_id)).toMatchObject({ cursor: 5, last_error })
      expect(await append([undefined, undefined])).toMatchObject({ row: { cursor: 7, last_error } })
      // An error without text counts, too.
      await append([""], "2026-01-02T03:06:00.000Z")
      const newest = { text: "", index: 7, at: "2026-01-02T03:06:00.000Z" }
      await store().abandon({ run_id, owner: "connection-1", ended_at: "2026-01-02T03:07:00.000Z" })
      expect(await store().get(run_id)).toMatchObject({ status: "incomplete", last_error: newest })
      const { rows } = await store().list({ readers: ["*"], filter: { status: ["incomplete"] }, limit: 50 })
      expect(rows.find((row) => row.run_id === run_id)?.last_error).toEqual(newest)
    })

    describe("of turns that share a response", () => {
      const usage: ResponseUsage = {
        ...{
          input_tokens: 100,
          cached_input_tokens: 80,
          output_tokens: 5,
          reasoning_tokens: 0,
          model_turns: 1,
        },
        ...{ cost_usd: 0, estimated_cost_usd: 0.5, has_cost: false, has_estimate: true },
      }
      const turn = (id: string, more: Partial<ResponseUsage> = {}) =>
        anEncodedTurn("x", { response: { id, usage: { ...usage, ...more } } })
      const totalsOf = async (run_id: string) => (await store().get(run_id))?.totals
      const once = {
        ...NO_TOTALS,
        ...{ input_tokens: 100, cached_input_tokens: 80, output_tokens: 9, model_turns: 1 },
        estimated_cost_usd: 0.75,
      }

      test("counts the largest usage once, in one batch and in several", async () => {
        const run_id = await started()
        const turns = [turn("r\0"), turn("r\0", { output_tokens: 9 })]
        await store().append(aBatch(run_id, [], { turns }))
        await store().append(aBatch(run_id, [], { turns: [turn("r\0", { estimated_cost_usd: 0.75 })] }))
        expect(await totalsOf(run_id)).toEqual(once)
        await store().append(aBatch(run_id, [], { turns: [turn("other")] }))
        expect((await totalsOf(run_id))?.input_tokens).toBe(200)
      })

      test("replaces an estimated cost by a reported one, and a missing cost by a later estimate", async () => {
        const run_id = await started()
        const unpriced = { estimated_cost_usd: 0, has_estimate: false }
        await store().append(aBatch(run_id, [], { turns: [turn("r", unpriced)] }))
        expect(await totalsOf(run_id)).toMatchObject({ unpriced_turns: 1, cost_usd: 0 })
        await store().append(aBatch(run_id, [], { turns: [turn("r")] }))
        expect(await totalsOf(run_id)).toMatchObject({ unpriced_turns: 0, estimated_cost_usd: 0.5 })
        await store().append(aBatch(run_id, [], { turns: [turn("r", { cost_usd: 0.25, has_cost: true })] }))
        expect(await totalsOf(run_id)).toMatchObject({
          unpriced_turns: 0,
          estimated_cost_usd: 0,
          cost_usd: 0.25,
        })
      })

      test("doesn't count refused batches and duplicates", async () => {
        const run_id = await started()
        const batch = aBatch(run_id, [], { turns: [turn("r")], idempotency_key: "batch-key" })
        await store().append(batch)
        const before = await totalsOf(run_id)
        await store().append({ ...batch, turns: [turn("r", { output_tokens: 50 })] })
        await store().append(
          aBatch(run_id, [], { turns: [turn("r", { output_tokens: 60 })], expected_index: 9 }),
        )
        expect(await totalsOf(run_id)).toEqual(before)
        await store().append(aBatch(run_id, [], { turns: [turn("r", { output_tokens: 6 })] }))
        expect((await totalsOf(run_id))?.output_tokens).toBe(6)
      })

      test("counts the same response ID in different runs separately", async () => {
        const [a, b] = [await started(), await started()]
        for (const run_id of [a, b]) await store().append(aBatch(run_id, [], { turns: [turn("r")] }))
        expect(await totalsOf(b)).toEqual(await totalsOf(a))
      })
    })

    test("I8: batches appended without waiting are stored in call order, and each reply reflects the state right after its batch", async () => {
      const run_id = await started()
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, at) => store().append(aBatch(run_id, [`m${at}`, `n${at}`]))),
      )
      expect(replies.map((reply) => reply.ok && reply.base_index)).toEqual(replies.map((_, at) => at * 2))
      expect(replies.map((reply) => reply.row?.cursor)).toEqual(replies.map((_, at) => at * 2 + 2))
      expect((await messages(run_id)).map(([, message]) => message)).toEqual(
        replies.flatMap((_, at) => [`m${at}`, `n${at}`]),
      )
    })

    test("I29 S5: refuses another agent's run like an unknown one", async () => {
      const run_id = await started()
      const refused = { ok: false, code: "not_found" }
      expect(await store().append(aBatch(run_id, ["x"], { writer: ["other"] }))).toEqual(refused)
      expect(await store().append(aBatch("unknown", ["x"], { writer: ["*"] }))).toEqual(refused)
    })

    test("I9: a batch sent again with its key isn't stored again and gets the first reply", async () => {
      const run_id = await started()
      const batch = aBatch(run_id, ["one", "two"], { idempotency_key: "batch-key" })
      const first = await store().append(batch)
      await store().append(aBatch(run_id, ["three"], { recorded_at: "2026-01-02T03:06:00.000Z" }))
      const again = await store().append({ ...batch, turns: [anEncodedTurn("else")], owner: "connection-2" })
      expect(again).toMatchObject({ ok: true, base_index: 0, count: 2, duplicate: true })
      expect(again.ok && again.recorded_at).toBe(first.ok && first.recorded_at)
      expect(again.row).toMatchObject({ cursor: 3, owner: "connection-2" })
      expect(await messages(run_id)).toHaveLength(3)
    })

    test("I9: batches sent concurrently with the same key are stored once", async () => {
      const run_id = await started()
      const batch = aBatch(run_id, ["one"], { idempotency_key: "batch-key" })
      const replies = await Promise.all(Array.from({ length: 10 }, () => store().append(batch)))
      expect(replies.filter((reply) => reply.ok && !reply.duplicate)).toHaveLength(1)
      expect(replies.every((reply) => reply.ok && reply.base_index === 0)).toBe(true)
      expect(await messages(run_id)).toHaveLength(1)
    })

    test("I9: the key is checked before the status, the cursor and the limit, but after the writer", async () => {
      const run_id = await started()
      const batch = aBatch(run_id, ["one"], { idempotency_key: "batch-key" })
      await store().append(batch)
      const duplicate = { ok: true, base_index: 0, count: 1, duplicate: true }
      expect(await store().append({ ...batch, expected_index: 0 })).toMatchObject(duplicate)
      expect(await store().append({ ...batch, maxTurns: 0 })).toMatchObject(duplicate)
      const outcome = { status: "success" as const }
      const ended_at = "2026-01-02T04:00:00.000Z"
      await store().complete({ run_id, writer: ["robot"], owner: "connection-1", outcome, ended_at })
      const after = await store().append({ ...batch, owner: "connection-2" })
      expect(after).toMatchObject({ ...duplicate, row: { status: "completed", owner: "connection-1" } })
      expect(await store().append({ ...batch, writer: ["other"] })).toEqual({ ok: false, code: "not_found" })
    })

    test.each(["/#", "\0", "nul \0 inside", "\uD800"])(
      "I9: a key can be any string: %j",
      async (idempotency_key) => {
        const run_id = await started()
        await store().append(aBatch(run_id, ["other"], { idempotency_key: "\uFFFD" }))
        const batch = aBatch(run_id, ["one"], { idempotency_key })
        expect(await store().append(batch)).toMatchObject({ duplicate: false, base_index: 1 })
        expect(await store().append(batch)).toMatchObject({ duplicate: true, base_index: 1 })
      },
    )

    test("a key applies only to its run", async () => {
      const [a, b] = [await started(), await started()]
      await store().append(aBatch(a, ["one"], { idempotency_key: "batch-key" }))
      const other = await store().append(aBatch(b, ["two"], { idempotency_key: "batch-key" }))
      expect(other).toMatchObject({ ok: true, duplicate: false })
    })

    test("a batch with expected_index is stored only if the cursor has that value", async () => {
      const run_id = await started()
      expect(await store().append(aBatch(run_id, ["x"], { expected_index: 1 }))).toMatchObject({
        ok: false,
        code: "index_conflict",
        row: { cursor: 0 },
      })
      expect(await store().append(aBatch(run_id, ["x"], { expected_index: 0 }))).toMatchObject({ ok: true })
      expect(await store().append(aBatch(run_id, ["x"], { expected_index: 0 }))).toMatchObject({
        code: "index_conflict",
        row: { cursor: 1 },
      })
      expect(await messages(run_id)).toHaveLength(1)
    })

    test("I3 I28: a batch that would exceed the maximum number of turns is refused as a whole, and its key can be used again", async () => {
      const run_id = await started()
      await store().append(aBatch(run_id, ["one"], { maxTurns: 2 }))
      const keyed = { maxTurns: 2, idempotency_key: "batch-key" }
      expect(await store().append(aBatch(run_id, ["two", "three"], keyed))).toMatchObject({
        ok: false,
        code: "too_large",
        row: { cursor: 1 },
      })
      expect(await messages(run_id)).toHaveLength(1)
      const fits = await store().append(aBatch(run_id, ["two"], keyed))
      expect(fits).toMatchObject({ ok: true, base_index: 1, duplicate: false })
    })

    test("I11: a completed run accepts no more turns", async () => {
      const run_id = await started()
      const end = { run_id, writer: ["*"], owner: "connection-1", ended_at: "2026-01-02T04:00:00.000Z" }
      await store().complete({ ...end, outcome: { status: "done" } })
      expect(await store().append(aBatch(run_id, ["x"], { idempotency_key: "batch-key" }))).toMatchObject({
        ok: false,
        code: "already_terminal",
        row: { status: "completed", cursor: 0 },
      })
      expect(await messages(run_id)).toEqual([])
    })

    test("the times of a run never go back", async () => {
      const run_id = await started()
      await store().append(aBatch(run_id, ["one"], { recorded_at: "2026-01-02T03:06:00.000Z" }))
      const back = await store().append(aBatch(run_id, ["two"], { recorded_at: "2026-01-02T03:05:00.000Z" }))
      expect(back.ok && back.recorded_at).toBe("2026-01-02T03:06:00.000Z")
      const { turns } = await store().turns({ run_id, from: 1, limit: 1, maxBytes: 1_000 })
      expect(JSON.parse(turns[0] ?? "").recorded_at).toBe("2026-01-02T03:06:00.000Z")
      const ended_at = "2026-01-02T03:05:30.000Z"
      const ended = await store().abandon({ run_id, owner: "connection-1", ended_at })
      expect(ended.row?.ended_at).toBe("2026-01-02T03:06:00.000Z")
    })

    test("I6: after any sequence of batches, a run at cursor n has the turns 0 to n-1 in the order sent", async () => {
      const step = fc.record({
        run: fc.nat(2),
        count: fc.integer({ min: 1, max: 5 }),
        key: fc.option(fc.nat(3), { nil: undefined }),
        expected: fc.option(fc.nat(12), { nil: undefined }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const runs = [await started(), await started(), await started()]
          const model = runs.map(() => ({ messages: [] as string[], keys: new Map<number, number>() }))
          const replies = await Promise.all(
            steps.map(({ run, count, key, expected }, at) =>
              store().append(
                aBatch(
                  runs[run] ?? "",
                  Array.from({ length: count }, (_, k) => `${at}.${k}`),
                  {
                    maxTurns: 20,
                    ...(key !== undefined && { idempotency_key: `batch-key-${key}` }),
                    ...(expected !== undefined && { expected_index: expected }),
                  },
                ),
              ),
            ),
          )
          for (const [at, { run, count, key, expected }] of steps.entries()) {
            const kept = model[run]!
            const cursor = kept.messages.length
            const known = key === undefined ? undefined : kept.keys.get(key)
            const reply = replies[at]
            if (known !== undefined)
              expect(reply).toMatchObject({ ok: true, base_index: known, duplicate: true })
            else if (expected !== undefined && expected !== cursor) expect(reply?.ok).toBe(false)
            else if (cursor + count > 20) expect(reply).toMatchObject({ ok: false, code: "too_large" })
            else {
              expect(reply).toMatchObject({ ok: true, base_index: cursor, count, duplicate: false })
              for (let k = 0; k < count; k++) kept.messages.push(`${at}.${k}`)
              if (key !== undefined) kept.keys.set(key, cursor)
            }
          }
          for (const [at, { messages: sent }] of model.entries()) {
            expect(await messages(runs[at] ?? "")).toEqual(sent.map((message, index) => [index, message]))
            expect((await store().get(runs[at] ?? ""))?.cursor).toBe(sent.length)
          }
        }),
        { numRuns: 30 },
      )
    })
  })
}
