import fc from "fast-check"
import { expect, test } from "vitest"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody } from "@/lib/protocol/turn"
import { cutForWire } from "./cutForWire"
import { scalarBytes } from "./jsonBytes"

const KIB = 1024
const aBody = (more: Partial<TurnBody>): TurnBody => ({ kind: "model", verifier_verdict: "not_run", ...more })

test("a turn that fits comes back itself", () => {
  const turn = aBody({ output: { text: "x".repeat(16 * KIB) } })
  expect(cutForWire(turn)).toBe(turn)
})

test("a string over 16 KiB is cut, noted by its JSON pointer with its full size, and the original stays", () => {
  const turn = aBody({ output: { "a/b~c": [1, "é".repeat(10_000)] } })
  const cut = cutForWire(turn)
  expect(cut.truncated).toEqual({ "/output/a~1b~0c/1": 20_000 })
  expect(cut.output).toEqual({ "a/b~c": [1, "é".repeat(8 * KIB)] })
  expect(turn.output).toEqual({ "a/b~c": [1, "é".repeat(10_000)] })
})

test("a cut never splits a character", () => {
  const cut = cutForWire(aBody({ message: `a${"😀".repeat(5_000)}` }))
  expect(cut.message).toBe(`a${"😀".repeat(4_095)}`)
})

test("over 256 KiB the largest top-level values are left out until it fits, noted with their JSON size", () => {
  const many = Array.from({ length: 100 }, (_, at) => `${at}${"y".repeat(4 * KIB)}`)
  const turn = aBody({ output: many, parameters: { few: many.slice(0, 20) }, message: "said" })
  const cut = cutForWire(turn)
  expect("output" in cut).toBe(false)
  expect(cut.parameters).toEqual(turn.parameters)
  expect(cut.message).toBe("said")
  expect(cut.truncated).toEqual({ "/output": utf8Bytes(JSON.stringify(many)) })
})

test("cuts inside a value that is left out are not noted apart", () => {
  const cut = cutForWire(aBody({ output: Array.from({ length: 40 }, () => "z".repeat(20 * KIB)) }))
  expect(Object.keys(cut.truncated ?? {})).toEqual(["/output"])
})

test("control characters weigh as their escapes", () => {
  const cut = cutForWire(
    aBody({
      message: "\u0000".repeat(16 * KIB),
      output: "\u0001".repeat(300 * KIB),
      prompt: "\u0000".repeat(16 * KIB),
    }),
  )
  expect(utf8Bytes(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.wireTurnBytes)
})

test("long keys above many long strings can't make the notes outgrow the turn", () => {
  const strings = Array.from({ length: 12 }, () => "z".repeat(17 * KIB))
  const cut = cutForWire(aBody({ output: { ["k".repeat(40 * KIB)]: strings }, message: "said" }))
  expect(utf8Bytes(JSON.stringify(cut))).toBeLessThanOrEqual(LIMITS.wireTurnBytes)
  expect(cut.message).toBe("said")
})

test("a verdict that is left out leaves null in its place", () => {
  const cut = cutForWire(aBody({ verifier_verdict: Array.from({ length: 300 }, () => "v".repeat(1000)) }))
  expect(cut.verifier_verdict).toBe(null)
  expect(cut.truncated?.["/verifier_verdict"]).toBeGreaterThan(300_000)
})

test("nesting a hundred thousand deep does not overflow the stack", () => {
  let deep: unknown = "x".repeat(17 * KIB)
  for (let at = 0; at < 100_000; at++) deep = [deep]
  expect(cutForWire(aBody({ output: deep as TurnBody["output"] })).truncated).toHaveProperty("/output")
})

test("own keys named __proto__ stay data", () => {
  const output = JSON.parse(`{"__proto__":{"text":"${"q".repeat(17 * KIB)}"}}`)
  const cut = cutForWire(aBody({ output }))
  expect(cut.truncated).toEqual({ "/output/__proto__/text": 17 * KIB })
  expect(JSON.stringify(cut.output)).toBe(`{"__proto__":{"text":"${"q".repeat(16 * KIB)}"}}`)
})

test("whatever is sent fits the wire, and what isn't named as cut is as it was", () => {
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
        const noted = Object.keys(cut.truncated ?? {}).some((at) => at.startsWith(`/${key}`))
        if (noted) expect(JSON.stringify(cut[key])).not.toBe(JSON.stringify(turn[key]))
        else expect(cut[key]).toBe(turn[key])
      }
    }),
    { numRuns: 60 },
  )
})

test("the size of a scalar is that of its JSON text", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constant(null)),
      (value) => {
        expect(scalarBytes(value)).toBe(utf8Bytes(JSON.stringify(value)))
      },
    ),
  )
})
