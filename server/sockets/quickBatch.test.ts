import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { recordTurns } from "@/lib/protocol/commands"
import { tolerantPayload } from "@/lib/protocol/tolerance/tolerantPayload"
import { TURN_FIELDS } from "@/lib/protocol/turn"
import { quickBatch } from "./quickBatch"

const NOW = Date.UTC(2026, 10, 30)
const time = fc
  .date({ noInvalidDate: true, min: new Date("1999-12-31"), max: new Date("2027-01-01") })
  .map((date) => date.toISOString())
const hostile = fc.oneof(
  fc.constantFrom("", " ", "a".repeat(257), "ä".repeat(129), "x".repeat(129), "2026-02-29T00:00:00Z"),
  fc.constantFrom(
    "2024-02-29T00:00:00Z",
    "2026-04-31T00:00:00.000Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00Z",
  ),
  // Numbers with more digits than JavaScript can represent.
  fc.constantFrom("\ue0c59007199254740993", "\ue0c51e400", "\ue0c5\ue0c512"),
  fc.constantFrom<unknown>(-1, -0, 0.5, 2 ** 53, Number.POSITIVE_INFINITY, null, [], {}, true),
  fc.jsonValue(),
)
const count = fc.oneof(fc.nat(), hostile)
const text = fc.oneof(fc.string({ unit: "binary" }), hostile)
const keyNames = fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "a", "1", "0")
const attributes = fc.oneof(
  fc.array(fc.tuple(keyNames, fc.jsonValue())).map((entries) => Object.fromEntries(entries)),
  hostile,
)
const someOf = (names: readonly string[], value: fc.Arbitrary<unknown>) =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name })
    .map(Object.fromEntries)
const usage = someOf(
  ["output_tokens", "input_tokens", "reasoning_tokens", "cached_input_tokens", "more"],
  count,
)
const error = someOf(["type", "message", "more"], text)
const valid = new Map<string, fc.Arbitrary<unknown>>(
  Object.entries({
    kind: fc.constantFrom("model", "tool", "agent", "human", "system"),
    started_at: time,
    duration_ms: fc.double({ min: 0, noNaN: true }),
    usage,
    cost_usd: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    error,
    policy_rejected: fc.boolean(),
    child_run_id: fc.string({ minLength: 1, maxLength: 128 }),
    path: fc.array(fc.string({ maxLength: 40 }), { maxLength: 4 }),
    exit_code: fc.integer(),
    attributes,
  }),
)
const field = fc
  .constantFrom(...TURN_FIELDS, "unknown", "__proto__", "constructor", "index")
  .chain((name) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof(
        { weight: 9, arbitrary: valid.get(name) ?? fc.string({ unit: "binary" }) },
        { weight: 1, arbitrary: hostile },
      ),
    ),
  )
const known = fc
  .constantFrom(...TURN_FIELDS)
  .chain((name) => fc.tuple(fc.constant(name), valid.get(name) ?? fc.string({ maxLength: 40 })))
const turn = fc.oneof(
  fc.array(known, { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
  fc.array(field, { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
  hostile,
)
const batch = fc.record(
  {
    run_id: fc.oneof(
      { weight: 9, arbitrary: fc.string({ minLength: 1, maxLength: 128 }) },
      { weight: 1, arbitrary: hostile },
    ),
    turns: fc.oneof(
      { weight: 9, arbitrary: fc.array(turn, { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: hostile },
    ),
    idempotency_key: fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), hostile),
    expected_index: count,
    more: fc.jsonValue(),
  },
  { requiredKeys: ["run_id", "turns"] },
)

describe("a batch on the fast path", () => {
  test("has the same result, byte for byte, as through the schema", () => {
    let quicks = 0
    fc.assert(
      fc.property(batch, (sent) => {
        const payload: Record<string, unknown> = JSON.parse(JSON.stringify(sent))
        const quick = quickBatch(payload, NOW)
        if (quick === undefined) return
        quicks += 1
        const schema = recordTurns.parse(tolerantPayload("runs.record_turns", payload, NOW))
        expect(quick).toStrictEqual(schema)
        expect(JSON.stringify(quick)).toBe(JSON.stringify(schema))
      }),
      { numRuns: 5_000 },
    )
    expect(quicks).toBeGreaterThan(200)
  })

  test("can have the fields that agents commonly send, with keys in any order", () => {
    const usual = {
      tool: "bash",
      kind: "tool",
      attributes: { n: 1 },
      output: "ok",
      usage: { input_tokens: 1 },
    }
    const timed = { kind: "model", message: "hi", started_at: "2026-11-30T10:00:00.123Z", duration_ms: 1.5 }
    const batch = {
      ...{ run_id: "r", turns: [usual, timed] },
      ...{ idempotency_key: "12345678", expected_index: 0 },
    }
    const quick = quickBatch(batch, NOW)
    expect(quick).toBeDefined()
    expect(JSON.stringify(quick?.turns[0])).toBe(
      '{"kind":"tool","tool":"bash","output":"ok","usage":{"input_tokens":1},"attributes":{"n":1}}',
    )
  })

  test("has no keys named after properties of Object", () => {
    for (const name of ["__proto__", "constructor"]) {
      const odd: unknown = JSON.parse(`{"${name}":{"a":1}}`)
      expect(quickBatch({ run_id: "r", turns: [odd] }, NOW)).toBeUndefined()
      expect(quickBatch({ run_id: "r", turns: [{ attributes: odd }] }, NOW)).toBeUndefined()
    }
  })
})
