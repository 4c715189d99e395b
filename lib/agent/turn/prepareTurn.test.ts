import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { recordTurns } from "@/lib/protocol/commands"
import { checkShape } from "@/lib/protocol/shape"
import { tolerantTurn } from "@/lib/protocol/tolerance/tolerantTurn"
import { asTurn } from "./asTurn"
import { prepareTurn } from "./prepareTurn"
import { shrinkTurn } from "./shrinkTurn"
import { stampTurn } from "./stampTurn"

/** Returns a turn as the server reads it. */
const read = (turn: object) => tolerantTurn(turn as never, Date.now())

function accepted(turn: object): boolean {
  return checkShape(turn) === undefined && recordTurns.safeParse({ run_id: "r", turns: [read(turn)] }).success
}

describe("prepareTurn", () => {
  it("makes a turn that the server accepts from any values", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
      withSparseArray: true,
    })
    const fields = [
      "prompt,message,thinking,tool,parameters,output,event,started_at,duration_ms,model,cost_usd,path,exit_code",
      "future,error,cli_outcome,verifier_verdict,policy_rejected,child_run_id,call_id,response_id,attributes",
    ].flatMap((names) => names.split(","))
    const turn = fc.record(Object.fromEntries(fields.map((field) => [field, anything])), { requiredKeys: [] })
    fc.assert(
      fc.property(turn, (input) => {
        const { turn, bytes } = prepareTurn(input as AgentTurn)
        expect(accepted(turn)).toBe(true)
        expect(bytes).toBe(utf8Bytes(JSON.stringify(turn)))
      }),
      { numRuns: 500 },
    )
  })

  it("keeps a value with too many keys or levels in full, as its JSON text", () => {
    const rows = Array.from({ length: 500 }, (_, i) => ({ id: i, a: 1, b: 2, c: 3, d: 4 }))
    const { turn } = prepareTurn({ tool: "sql", parameters: { q: "select" }, output: rows })
    expect(turn.parameters).toEqual({ q: "select" })
    expect(JSON.parse(String(turn.output))).toEqual(rows)
    let deep: unknown = 1
    for (let i = 0; i < 100; i++) deep = [deep]
    const nested = prepareTurn({ output: deep }).turn
    expect(JSON.parse(String(nested.output))).toEqual(deep)
    expect(accepted(nested)).toBe(true)
  })

  it("accepts a turn with invalid values, and keeps those that it can't convert", () => {
    const odd = [7n, Symbol("s"), Object.create(null), new Date(Number.NaN), "soon", () => 1, [1]]
    for (const value of odd) {
      const given = { tool: "x", started_at: value, duration_ms: value, exit_code: value } as AgentTurn
      const { turn } = prepareTurn(stampTurn(given, 1_000, undefined))
      expect(accepted(turn)).toBe(true)
      expect(turn).toMatchObject({ tool: "x" })
    }
    const { turn } = prepareTurn({
      duration_ms: "12.5" as never,
      cost_usd: 2n as never,
      exit_code: "no" as never,
    })
    expect(read(turn)).toEqual({
      ...{ duration_ms: 12.5, cost_usd: 2, attributes: { refused: { exit_code: "no" } } },
    })
  })

  it("treats null as absent, in every field", () => {
    const nothing = {
      kind: null,
      message: null,
      tool: null,
      model: null,
      usage: null,
      output: null,
      error: null,
    }
    expect(prepareTurn({ ...nothing, duration_ms: null, started_at: null, path: null }).turn).toEqual({})
  })

  it("leaves kinds and usage of other providers for the server to map", () => {
    const usage = { prompt_tokens: 12, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } }
    expect(prepareTurn({ kind: "assistant", usage }).turn).toEqual({ kind: "assistant", usage })
  })

  const forms: [string, AgentTurn, object][] = [
    [
      "numbers in text",
      { exit_code: "2" as never, duration_ms: "5" as never },
      { exit_code: 2, duration_ms: 5 },
    ],
    ["a bigint", { exit_code: 3n as never }, { exit_code: 3 }],
    ["a flag as text", { policy_rejected: "true" as never }, { policy_rejected: true }],
    ["no error", { error: "" }, {}],
    ["no error", { error: false }, {}],
    ["an error in bytes", { error: Buffer.from("boom") }, { error: { message: "boom" } }],
    ["a list of errors", { error: ["a", "b"] }, { error: { message: "a\nb" } }],
    [
      "an inner error",
      { error: { error: { message: "slow down" } } },
      { error: { message: "slow down", error: { message: "slow down" } } },
    ],
    ["content blocks", { message: [{ type: "text", text: "a" }, "b"] }, { message: "a\nb" }],
    ["a single step as path", { path: "node" as never }, { path: ["node"] }],
    ["a path with a gap", { path: ["a", null] as never }, { path: ["a"] }],
    ["seconds since 1970", { started_at: 1_767_261_600 }, { started_at: "2026-01-01T10:00:00.000Z" }],
    [
      "a time without an offset",
      { started_at: "2026-01-01T10:00" },
      { started_at: "2026-01-01T10:00:00.000Z" },
    ],
    [
      "an invalid Date",
      { started_at: new Date(Number.NaN) },
      { attributes: { refused: { started_at: "Invalid Date" } } },
    ],
    [
      "attributes that are a list",
      { attributes: ["a"] as never, b: 1 },
      { attributes: { attributes: ["a"], b: 1 } },
    ],
    [
      "an unknown field with an attribute's name",
      { attributes: { a: 1 }, a: 2 },
      { attributes: { a: 1, "turn.a": 2 } },
    ],
    [
      "a long name",
      { tool: "t".repeat(300) },
      { tool: "t".repeat(256), attributes: { refused: { tool: "t".repeat(300) } } },
    ],
  ]
  it.each(forms)("means the same with %s as sent without this client", (_, given, expected) => {
    expect(read(prepareTurn(given).turn)).toEqual(expected)
  })

  it("keeps fields that the protocol doesn't define as attributes", () => {
    const strange = { message: "m", temperature: 0.2, attributes: { a: 1 } }
    expect(prepareTurn(strange).turn).toEqual({ message: "m", attributes: { temperature: 0.2, a: 1 } })
  })

  it("gives every error a message, whatever its form", () => {
    expect(prepareTurn({ error: new TypeError("bad") }).turn.error).toMatchObject({
      message: "bad",
      type: "TypeError",
    })
    expect(prepareTurn({ error: "no luck" }).turn.error).toEqual({ message: "no luck" })
    expect(prepareTurn({ error: { code: 7 } }).turn.error).toEqual({ message: '{"code":7}', code: 7 })
    expect(prepareTurn({ error: null }).turn.error).toBeUndefined()
  })
})

describe("shrinkTurn", () => {
  it("removes the largest fields until the turn fits, and names them", () => {
    const prepared = prepareTurn({
      tool: "read",
      parameters: { path: "a" },
      output: "x".repeat(90_000),
      thinking: "y".repeat(50_000),
      message: "short",
      duration_ms: 5,
    })
    const shrunk = shrinkTurn(prepared, 60_000)
    expect(shrunk.leftOut).toEqual(["output"])
    expect(shrunk.turn).toMatchObject({ tool: "read", parameters: { path: "a" }, message: "short" })
    expect(shrunk.turn.attributes).toEqual({ left_out: { output: 90_002 } })
    const smaller = shrinkTurn(prepared, 8_192)
    expect(smaller.leftOut).toEqual(["output", "thinking"])
    expect(smaller.bytes).toBe(utf8Bytes(JSON.stringify(smaller.turn)))
    expect(smaller.bytes).toBeLessThanOrEqual(8_192)
  })

  it("always fits, whichever field is large", () => {
    const big = "z".repeat(20_000)
    const everything = prepareTurn({
      prompt: big,
      message: big,
      thinking: big,
      parameters: big,
      output: big,
      cli_outcome: big,
      verifier_verdict: big,
      error: big,
      attributes: { big },
      tool: big,
      model: big,
      event: big,
      kind: big,
      usage: { big } as never,
      path: [big],
      started_at: big,
      exit_code: big as never,
      child_run_id: big,
    })
    const shrunk = shrinkTurn(everything, 8_192)
    expect(shrunk.bytes).toBeLessThanOrEqual(8_192)
    expect(accepted(shrunk.turn)).toBe(true)
  })
})

describe("asTurn", () => {
  it("makes a turn of anything", () => {
    const error = new Error("boom")
    expect(["hi", error, null, ["a"], { tool: "x" }].map(asTurn)).toEqual([
      ...[{ message: "hi" }, { error }, {}, { message: ["a"] }, { tool: "x" }],
    ])
  })
})

describe("stampTurn", () => {
  it("computes the missing time without inventing a duration", () => {
    const start = "2026-01-01T10:00:00"
    const now = Date.parse(`${start}Z`) + 2_000
    for (const started_at of [start, new Date(`${start}Z`), now - 2_000, now / 1_000 - 2])
      expect(stampTurn({ started_at }, now, undefined)).toEqual({ started_at, duration_ms: 2_000 })
    expect(stampTurn({ duration_ms: 500 }, 3_000, undefined)).toMatchObject({ started_at: 2_500 })
    expect(stampTurn({ duration_ms: "500" as never }, 3_000, 2_000)).toMatchObject({ started_at: 2_500 })
    expect(stampTurn({}, 3_000, 2_000)).toEqual({ started_at: 2_000, duration_ms: 1_000 })
    expect(stampTurn({}, 3_000, undefined)).toEqual({ started_at: 3_000 })
    expect(stampTurn({ started_at: 9 }, 3_000, undefined)).toEqual({ started_at: 9 })
  })
})
