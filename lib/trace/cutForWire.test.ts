import fc from "fast-check"
import { expect, test } from "vitest"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody } from "@/lib/protocol/turn"
import { cutForWire } from "./cutForWire"
import { scalarBytes } from "./jsonBytes"

const KIB = 1024
const aBody = (more: Partial<TurnBody>): TurnBody => ({ kind: "model", verifier_verdict: "not_run", ...more })

test("returns a turn that fits unchanged", () => {
  const turn = aBody({ output: { text: "x".repeat(16 * KIB) } })
  expect(cutForWire(turn)).toBe(turn)
})

test("cuts a string over 16 KiB to head and tail, and lists it by its JSON pointer with its full size", () => {
  const text = `${"é".repeat(8 * KIB)}${"à".repeat(4 * KIB)}`
  const turn = aBody({ output: { "a/b~c": [1, text] } })
  const cut = cutForWire(turn)
  expect(cut.truncated).toEqual({ "/output/a~1b~0c/1": 24 * KIB })
  expect(cut.output).toEqual({ "a/b~c": [1, "é".repeat(6 * KIB)] })
  expect(cut.tails).toEqual({ "/output/a~1b~0c/1": "à".repeat(2 * KIB) })
  expect(turn.output).toEqual({ "a/b~c": [1, text] })
})

test("never splits a character", () => {
  const cut = cutForWire(aBody({ message: `a${"😀".repeat(5_000)}` }))
  expect(cut.message).toBe(`a${"😀".repeat(3_071)}`)
  expect(cut.tails).toEqual({ "/message": "😀".repeat(1_024) })
})

test("omits the largest top-level values of a turn over 256 KiB until it fits, and lists their JSON size", () => {
  const many = Array.from({ length: 100 }, (_, at) => `${at}${"y".repeat(4 * KIB)}`)
  const turn = aBody({ output: many, parameters: { few: many.slice(0, 20) }, message: "said" })
  const cut = cutForWire(turn)
  expect("output" in cut).toBe(false)
  expect(cut.parameters).toEqual(turn.parameters)
  expect(cut.message).toBe("said")
  expect(cut.truncated).toEqual({ "/output": utf8Bytes(JSON.stringify(many)) })
})

test("doesn't list cuts inside an omitted value", () => {
  const cut = cutForWire(aBody({ output: Array.from({ length: 40 }, () => "z".repeat(20 * KIB)) }))
  expect(Object.keys(cut.truncated ?? {})).toEqual(["/output"])
  expect(cut.tails).toBeUndefined()
})

test("counts control characters as their JSON escapes", () => {
  const cut = cutForWire(
    aBody({
      message: "\u0000".repeat(16 * KIB),
      output: "\u0001".repeat(300 * KIB),
      prompt: "\u0000".repeat(16 * KIB),
    }),
  )
  expect(utf8Bytes(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.wireTurnBytes)
})

test("stays within the limit with long keys above many long strings", () => {
  const strings = Array.from({ length: 12 }, () => "z".repeat(17 * KIB))
  const cut = cutForWire(aBody({ output: { ["k".repeat(40 * KIB)]: strings }, message: "said" }))
  expect(utf8Bytes(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.wireTurnBytes)
  expect(cut.message).toBe("said")
})

test("replaces an omitted verdict with null", () => {
  const cut = cutForWire(aBody({ verifier_verdict: Array.from({ length: 300 }, () => "v".repeat(1000)) }))
  expect(cut.verifier_verdict).toBe(null)
  expect(cut.truncated?.["/verifier_verdict"]).toBeGreaterThan(300_000)
})

test("handles a value nested 100,000 levels deep", () => {
  let deep: unknown = "x".repeat(17 * KIB)
  for (let at = 0; at < 100_000; at++) deep = [deep]
  expect(cutForWire(aBody({ output: deep as TurnBody["output"] })).truncated).toHaveProperty("/output")
})

test("treats own keys named __proto__ as data", () => {
  const output = JSON.parse(`{"__proto__":{"text":"${"q".repeat(17 * KIB)}"}}`)
  const cut = cutForWire(aBody({ output }))
  expect(cut.truncated).toEqual({ "/output/__proto__/text": 17 * KIB })
  expect(JSON.stringify(cut.output)).toBe(`{"__proto__":{"text":"${"q".repeat(12 * KIB)}"}}`)
})

test("always fits the limit, and leaves values unchanged that aren't listed as cut", () => {
  const leaf = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.repeat(2_000)),
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  )
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("node")),
      fc.dictionary(fc.string(), tie("node")),
    ),
  })).node
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      const turn = aBody({ output: a as TurnBody["output"], parameters: b as TurnBody["output"] })
      const cut = cutForWire(turn)
      expect(utf8Bytes(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.wireTurnBytes)
      for (const key of ["output", "parameters"] as const) {
        const isListed = Object.keys(cut.truncated ?? {}).some((at) => at.startsWith(`/${key}`))
        if (isListed) expect(JSON.stringify(cut[key])).not.toBe(JSON.stringify(turn[key]))
        else expect(cut[key]).toBe(turn[key])
      }
    }),
    { numRuns: 60 },
  )
})

test("scalarBytes is the size of the scalar's JSON text", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constant(null)),
      (value) => {
        expect(scalarBytes(value)).toBe(utf8Bytes(JSON.stringify(value)))
      },
    ),
  )
})
