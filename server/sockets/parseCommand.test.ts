import { describe, expect, test } from "vitest"
import type { CommandName } from "@/lib/protocol/catalog"
import { isCommand, parseCommand } from "./parseCommand"

const NOW = Date.UTC(2026, 5, 1)

function refusal(name: CommandName, args: unknown[], bytes = 10) {
  const parsed = parseCommand(name, args, { bytes, nowMs: NOW })
  return "refusal" in parsed ? parsed.refusal.error : undefined
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

describe("the arguments of a command", () => {
  test.each([[[null]], [["text"]], [[[]]], [[{ run_id: "r" }, {}]]])(
    "%j is not exactly one object",
    (args) => {
      expect(refusal("runs.subscribe", args)).toMatchObject({ code: "invalid_params" })
    },
  )

  test("S12: names of properties of Object aren't commands", () => {
    for (const name of ["__proto__", "constructor", "toString", "", 5, null])
      expect(isCommand(name)).toBe(false)
  })

  test("errors contain paths, but no values", () => {
    const turns = [{}, 5, ["secret"]]
    expect(refusal("runs.record_turns", [{ run_id: "r", turns }])?.issues).toEqual([
      { path: "turns.1", message: expect.any(String) },
      { path: "turns.2", message: expect.not.stringContaining("secret") },
    ])
  })

  test("errors of `runs.start` refer to the intended form", () => {
    expect(refusal("runs.start", [{}])?.issues?.map(({ path }) => path)).toEqual(["intent"])
    expect(refusal("runs.start", [{ run_id: 5 }])?.issues?.map(({ path }) => path)).toEqual(["run_id"])
    expect(
      refusal("runs.start", [{ intent: "x", agent_id: "a b" }])?.issues?.map(({ path }) => path),
    ).toEqual(["agent_id"])
  })

  test("I28 S11: the nesting of each turn is limited to 64, and deep nesting doesn't overflow the stack", () => {
    const batch = (depth: number) => [{ run_id: "r", turns: [{ output: nested(depth) }] }]
    expect(refusal("runs.record_turns", batch(63))).toBeUndefined()
    expect(refusal("runs.record_turns", batch(64))?.issues?.[0]?.path).toBe("turns.0")
    expect(refusal("runs.record_turns", batch(1_000_000))).toMatchObject({ code: "invalid_params" })
    expect(
      refusal("runs.complete", [{ run_id: "r", outcome: { status: "done", x: nested(100_000) } }]),
    ).toMatchObject({ code: "invalid_params" })
  })

  test("I28 S11: each turn of a batch may have up to 2,000 keys", () => {
    const wide = (keys: number) => ({
      output: Object.fromEntries(Array.from({ length: keys }, (_, k) => [k, k])),
    })
    expect(refusal("runs.record_turns", [{ run_id: "r", turns: [wide(1_999), wide(1_999)] }])).toBeUndefined()
    expect(
      refusal("runs.record_turns", [{ run_id: "r", turns: [wide(1_999), wide(2_000)] }])?.issues?.[0]?.path,
    ).toBe("turns.1")
  })

  test("I28: a batch of 257 turns is refused without being walked", () => {
    const turns = Array.from({ length: 257 }, () => ({}))
    expect(refusal("runs.record_turns", [{ run_id: "r", turns }])?.issues?.[0]?.path).toBe("turns")
    expect(refusal("runs.record_turns", [{ run_id: "r", turns: turns.slice(1) }])).toBeUndefined()
  })

  test("S12: a key __proto__ doesn't pollute or reach a prototype", () => {
    const turn = JSON.parse(
      '{"__proto__":{"polluted":1},"attributes":{"__proto__":{"polluted":1}},"constructor":{"prototype":{"polluted":1}}}',
    )
    const parsed = parseCommand("runs.record_turns", [{ run_id: "r", turns: [turn] }], {
      bytes: 10,
      nowMs: NOW,
    })
    expect(parsed).toHaveProperty("payload")
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    if ("payload" in parsed)
      for (const made of parsed.payload.turns) expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
  })

  test("a command without content in a message of more than 256 KiB is too large", () => {
    expect(refusal("runs.list", [{}], 300_000)).toMatchObject({ code: "too_large" })
    expect(refusal("runs.complete", [{ run_id: "r", outcome: { status: "done" } }], 300_000)).toBeUndefined()
  })
})
