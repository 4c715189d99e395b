import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { recordTurns } from "@/lib/protocol/commands"
import { TURN_FIELDS } from "@/lib/protocol/turn"
import { tolerantTurn } from "./tolerantTurn"

const NOW = Date.parse("2026-06-01T00:00:00.000Z")
const read = (turn: object) => tolerantTurn(turn as never, NOW)

describe("a received turn", () => {
  it("loses null in fields of the schema, but keeps null in data", () => {
    const sent = {
      ...{ kind: null, message: null, tool: null, error: null, usage: null, started_at: null, output: null },
      ...{ cost_usd: null, duration_ms: null, model: null, exit_code: null, path: null, attributes: null },
      parameters: { a: null, b: [null] },
    }
    expect(read(sent)).toEqual({ parameters: { a: null, b: [null] } })
    expect(read({ usage: { input_tokens: 5, cached_input_tokens: null } }).usage).toEqual({ input_tokens: 5 })
    expect(read({ error: { message: "x", type: null, cause: null } }).error).toEqual({ message: "x" })
  })

  test.each([
    ["assistant", "model"],
    ["LLM", "model"],
    ["generation", "model"],
    ["chat", "model"],
    ["user", "human"],
    ["function", "tool"],
    ["tool_call", "tool"],
    ["retriever", "tool"],
    ["Tool", "tool"],
  ])("kind %s is %s, and the original is kept", (kind, mapped) => {
    expect(read({ kind })).toEqual({ kind: mapped, attributes: { kind } })
  })

  it.each(["chain", "", 5, {}])("kind %j is kept as an attribute, and the kind is inferred", (kind) => {
    expect(read({ kind, tool: "x" })).toEqual({ tool: "x", attributes: { kind } })
  })

  it("accepts amounts as text, and refuses implausible ones", () => {
    expect(read({ duration_ms: "12.5", cost_usd: "0.25", exit_code: "3" })).toEqual({
      ...{ duration_ms: 12.5, cost_usd: 0.25, exit_code: 3 },
    })
    const wrong = { duration_ms: -1, cost_usd: "free", exit_code: 1.5, started_at: "1970-01-01" }
    expect(read({ message: "m", ...wrong })).toEqual({ message: "m", attributes: { refused: wrong } })
    expect(read({ duration_ms: 4e12 })).toEqual({ attributes: { refused: { duration_ms: 4e12 } } })
    expect(read({ started_at: "2026-06-02T00:00:01Z" })).toEqual({
      attributes: { refused: { started_at: "2026-06-02T00:00:01Z" } },
    })
  })

  it("reads a time without an offset as UTC", () => {
    expect(read({ started_at: "2026-01-01T10:00:00.123456" })).toEqual({
      started_at: "2026-01-01T10:00:00.123Z",
    })
  })

  test.each([
    ["text", "boom", { message: "boom" }],
    [
      "a code, a stack and a cause",
      { message: "m", code: "E", stack: "s", cause: { message: "c" } },
      { message: "m", code: "E", stack: "s", cause: { message: "c" } },
    ],
    ["a number as type", { message: "m", type: 404 }, { message: "m", type: "404" }],
    ["no message", { detail: "d", status: 500 }, { message: "d", detail: "d", status: 500 }],
    ["only a type", { type: "TimeoutError" }, { message: "TimeoutError", type: "TimeoutError" }],
    [
      "an inner error",
      { status: 429, error: { message: "slow down", code: "x" } },
      { message: "slow down", status: 429, error: { message: "slow down", code: "x" } },
    ],
    ["another form", ["a", 1], { message: '["a",1]' }],
    ["just true", true, { message: "error" }],
  ])("reads an error with %s", (_, error, expected) => {
    expect(read({ error }).error).toEqual(expected)
  })

  it.each([false, ""])("error %j isn't an error", (error) => {
    expect(read({ error })).toEqual({})
  })

  it("maps foreign usage, and keeps fields without a counterpart in the protocol", () => {
    expect(read({ usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } })).toEqual({
      usage: { input_tokens: 1, output_tokens: 2 },
      attributes: { usage: { total_tokens: 3 } },
    })
  })

  it("converts other values to text, and joins content blocks", () => {
    expect(
      read({
        message: [
          { type: "text", text: "a" },
          { type: "output_text", text: "b" },
        ],
      }).message,
    ).toBe("a\nb")
    expect(read({ message: 5, prompt: { role: "user", content: "x" } })).toEqual({
      message: "5",
      prompt: '{"role":"user","content":"x"}',
    })
  })

  it("keeps what content blocks have besides text, such as citations", () => {
    const message = [
      { type: "text", text: "a", citations: [{ url: "https://example.com" }] },
      { type: "text", text: "b", annotations: [], cache_control: null },
    ]
    expect(read({ message })).toEqual({ message: "a\nb", attributes: { message } })
    expect(read({ tool: message })).toMatchObject({ tool: JSON.stringify(message) })
  })

  it("shortens a name that is too long, and keeps it in full as an attribute", () => {
    const tool = "é".repeat(200)
    expect(read({ tool })).toEqual({ tool: "é".repeat(128), attributes: { refused: { tool } } })
  })

  it("converts a single step to a path, and bounds a long one", () => {
    expect(read({ path: "graph" })).toEqual({ path: ["graph"] })
    expect(read({ path: ["a", 1, null] })).toEqual({ path: ["a", "1"] })
    const path = Array.from({ length: 65 }, (_, at) => `${at}`)
    expect(read({ path })).toEqual({ path: path.slice(0, 64), attributes: { refused: { path } } })
  })

  it("keeps attributes that aren't an object, and those with the same name as another attribute", () => {
    expect(read({ attributes: [1] })).toEqual({ attributes: { attributes: [1] } })
    expect(read({ kind: "chain", cost_usd: -1, attributes: { kind: "mine", refused: 1 } })).toEqual({
      attributes: { kind: "mine", refused: 1, "turn.kind": "chain", "turn.refused": { cost_usd: -1 } },
    })
    expect(read({ cost_usd: -1, attributes: { refused: { path: 1 } } })).toEqual({
      attributes: { refused: { path: 1, cost_usd: -1 } },
    })
  })

  it("leaves unknown fields in place, and mutates nothing", () => {
    const sent = Object.freeze({ tool: "x", span_id: "s", usage: Object.freeze({ prompt_tokens: 1 }) })
    expect(read(sent)).toEqual({ tool: "x", span_id: "s", usage: { input_tokens: 1 } })
  })
})

const field = fc.constantFrom(...TURN_FIELDS, "unknown", "__proto__")
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    "assistant",
    "12",
    -1,
    1e300,
    "2026-01-01T10:00:00",
    { message: null },
    { input_tokens: "x" },
  ),
  fc.constantFrom<unknown>("a".repeat(300), { exit_code: 1 }, [["x"]], true),
)
const anyTurn = fc
  .array(fc.tuple(field, value), { maxLength: 10 })
  .map((entries) => Object.fromEntries(entries) as Record<string, unknown>)

test("no value of any field makes the server refuse the batch", () => {
  fc.assert(
    fc.property(anyTurn, (turn) => {
      const parsed = recordTurns.safeParse({ run_id: "r", turns: [tolerantTurn(turn, NOW)] })
      expect(parsed.error?.issues).toBeUndefined()
    }),
    { numRuns: 3_000 },
  )
})

test("converting a converted turn changes nothing", () => {
  fc.assert(
    fc.property(anyTurn, (turn) => {
      const once = tolerantTurn(turn, NOW)
      expect(tolerantTurn(once, NOW)).toEqual(once)
    }),
    { numRuns: 1_000 },
  )
})

test("no scalar that was sent is lost", () => {
  const leaf = fc.constantFrom("KEPT-1", "KEPT-2", 4_711, -4_712, 12.75)
  const kept = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "cached_tokens"), leaf),
  )
  const turn = fc.uniqueArray(fc.tuple(fc.constantFrom(...TURN_FIELDS, "unknown"), kept), {
    selector: ([name]) => name,
  })
  fc.assert(
    fc.property(turn, (entries) => {
      const sent = Object.fromEntries(entries)
      const text = JSON.stringify(tolerantTurn(sent, NOW))
      // Fractional tokens are rounded.
      for (const [found] of JSON.stringify(sent).matchAll(/KEPT-\d|-?471\d|12\.75/g))
        if (found !== "12.75" || !("usage" in sent)) expect(text).toContain(found)
    }),
    { numRuns: 1_000 },
  )
})
