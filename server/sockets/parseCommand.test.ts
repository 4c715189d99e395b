import { describe, expect, test } from "vitest"
import type { CommandName } from "@/lib/protocol/catalog"
import { parseExact } from "@/lib/protocol/exactNumbers"
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

  /** Returns the first turn of a parsed batch. */
  const parsedTurn = (turn: unknown) => {
    const parsed = parseCommand("runs.record_turns", [{ run_id: "r", turns: [turn] }], {
      bytes: 10,
      nowMs: NOW,
    })
    return "payload" in parsed ? parsed.payload.turns[0] : undefined
  }
  const wide = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, k) => [`k${k}`, k]))

  test("I28 S11: the nesting of each turn is limited to 64; a deeper value becomes its JSON as text", () => {
    expect(parsedTurn({ output: nested(63) })?.output).toEqual(nested(63))
    expect(parsedTurn({ tool: "x", output: nested(64), parameters: wide(3) })).toMatchObject({
      tool: "x",
      output: JSON.stringify(nested(64)),
      parameters: wide(3),
    })
    expect(parsedTurn({ attributes: nested(100) })?.attributes).toEqual({
      attributes: JSON.stringify(nested(100)),
    })
  })

  test("I28 S11: nesting far beyond the limit is refused without overflowing the stack", () => {
    for (const depth of [1_001, 1_000_000]) {
      const batch = [{ run_id: "r", turns: [{}, { output: nested(depth) }] }]
      expect(refusal("runs.record_turns", batch)?.issues?.[0]?.path).toBe("turns.1")
    }
    expect(
      refusal("runs.complete", [{ run_id: "r", outcome: { status: "done", x: nested(100_000) } }]),
    ).toMatchObject({ code: "invalid_params" })
  })

  test("I28 S11: each turn may have up to 2,000 keys; beyond it, the largest values become their JSON as text", () => {
    const turns = [{ output: wide(1_999) }, { output: wide(1_999) }]
    expect(refusal("runs.record_turns", [{ run_id: "r", turns }])).toBeUndefined()
    expect(parsedTurn({ output: wide(1_999) })?.output).toEqual(wide(1_999))
    const turn = { tool: "x", parameters: wide(1_000), output: wide(1_500), attributes: wide(800) }
    expect(parsedTurn(turn)).toMatchObject({ ...turn, output: JSON.stringify(wide(1_500)) })
    expect(turn.output).toEqual(wide(1_500))
    expect(refusal("runs.record_turns", [{ run_id: "r", turns: [{}, wide(2_001)] }])?.issues?.[0]?.path).toBe(
      "turns.1",
    )
  })

  test("values of an outcome or progress with too many keys or levels become their JSON as text", () => {
    const outcome = { status: "success", rows: wide(3_000), tree: nested(80) }
    const completed = parseCommand("runs.complete", [{ run_id: "r", outcome }], { bytes: 10, nowMs: NOW })
    expect(completed).toMatchObject({
      payload: {
        outcome: { rows: JSON.stringify(wide(3_000)), tree: JSON.stringify(nested(80)) },
      },
    })
    const progress = { tool: "x", parameters: nested(100) }
    expect(refusal("runs.report_progress", [{ run_id: "r", progress }])).toBeUndefined()
  })

  test("text that replaces a value has all digits of its numbers", () => {
    const rows = parseExact(`{${Array.from({ length: 2_001 }, (_, k) => `"k${k}":12345678901234567890`)}}`)
    expect(parsedTurn({ output: rows })?.output).toMatch(/^{"k0":12345678901234567890,/)
    expect(parsedTurn({ tool: parseExact('{"id":12345678901234567890}') })?.tool).toBe(
      '{"id":12345678901234567890}',
    )
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
