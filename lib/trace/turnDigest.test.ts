import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { aStoredTurn } from "@/lib/testing/builders"
import { turnDigest } from "./turnDigest"

describe("the digest of a turn", () => {
  it("is the same for the same contents, whatever its index, times, thinking and order of keys", () => {
    const one = aStoredTurn(1, {
      ...{ tool: "edit", parameters: { path: "a", at: { x: 1, y: [1, 2] } }, output: "ok" },
      ...{ duration_ms: 5, thinking: "hm" },
    })
    const other = aStoredTurn(9, {
      ...{ tool: "edit", parameters: { at: { y: [1, 2], x: 1 }, path: "a" }, output: "ok" },
      ...{ message: one.message ?? "", duration_ms: 50_000, recorded_at: "2027-01-01T00:00:00.000Z" },
    })
    expect(turnDigest(other)).toEqual(turnDigest(one))
  })

  it("distinguishes parameters from results", () => {
    const base = turnDigest(aStoredTurn(0, { parameters: { a: 1 }, output: "x" }))
    const call = turnDigest(aStoredTurn(0, { parameters: { a: 2 }, output: "x" }))
    const rest = turnDigest(aStoredTurn(0, { parameters: { a: 1 }, output: "y" }))
    const failed = turnDigest(aStoredTurn(0, { parameters: { a: 1 }, output: "x", error: { message: "no" } }))
    expect(call.rest).toBe(base.rest)
    expect(call.call).not.toBe(base.call)
    expect(rest.call).toBe(base.call)
    expect(new Set([base.rest, rest.rest, failed.rest]).size).toBe(3)
  })

  it("distinguishes long values that differ only in their tail or size", () => {
    const head = { parameters: { script: "a" }, output: "x" }
    const base = turnDigest(
      aStoredTurn(0, { ...head, truncated: { "/output": 9 }, tails: { "/output": "b" } }),
    )
    const tail = turnDigest(
      aStoredTurn(0, { ...head, truncated: { "/output": 9 }, tails: { "/output": "c" } }),
    )
    const size = turnDigest(aStoredTurn(0, { ...head, truncated: { "/parameters/script": 9 } }))
    expect(tail.rest).not.toBe(base.rest)
    expect(tail.call).toBe(base.call)
    expect(size.call).not.toBe(base.call)
  })

  it("differs wherever the contents differ, for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (x, y) => {
        const [one, other] = [x, y].map(
          (output) => turnDigest(aStoredTurn(0, { output: output as never })).rest,
        )
        // Compared as JSON text, because JSON has no minus zero.
        const same = JSON.stringify(sorted(x)) === JSON.stringify(sorted(y))
        expect(one === other).toBe(same)
        expect(Number.isSafeInteger(one)).toBe(true)
      }),
    )
  })

  it("distinguishes absent values from null, and lists from objects", () => {
    const of = (output: unknown) => turnDigest(aStoredTurn(0, { output } as never)).rest
    expect(new Set([of(undefined), of(null), of([]), of({}), of(""), of("null"), of([null])]).size).toBe(7)
    const nested = [[["a"], "b"], ["a", [], "b"], [["a", "b"]], { a: { b: "c" } }, { a: {}, b: "c" }]
    expect(new Set(nested.map(of)).size).toBe(nested.length)
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.entries(value)
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, item]) => [key, sorted(item), "field"])
    .concat([["object", null, "end"]])
}
