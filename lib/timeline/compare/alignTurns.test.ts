import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type AlignedTurn, alignTurns } from "./alignTurns"

const steps = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 9 })

/** Returns the length of the longest common subsequence, found by brute force. */
function longest(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0
  if (a[0] === b[0]) return 1 + longest(a.slice(1), b.slice(1))
  return Math.max(longest(a.slice(1), b), longest(a, b.slice(1)))
}

function isAlignment(lines: readonly AlignedTurn[], a: readonly string[], b: readonly string[]): boolean {
  const [ofA, ofB] = [lines.flatMap((line) => line.a ?? []), lines.flatMap((line) => line.b ?? [])]
  const counted = (indices: number[], length: number) =>
    indices.length === length && indices.every((it, at) => it === at)
  const same = lines.every((line) => line.a === undefined || line.b === undefined || a[line.a] === b[line.b])
  return same && counted(ofA, a.length) && counted(ofB, b.length)
}

describe("alignTurns", () => {
  it("lists each turn once and in order, with as many matches as possible", () => {
    fc.assert(
      fc.property(steps, steps, (a, b) => {
        const lines = alignTurns(a, b)
        expect(isAlignment(lines, a, b)).toBe(true)
        const same = lines.filter((line) => line.a !== undefined && line.b !== undefined).length
        expect(same).toBe(longest(a, b))
      }),
      { numRuns: 300 },
    )
  })

  it("finds nearly all matches of two runs with 10,000 turns", () => {
    const a = Array.from({ length: 10_000 }, (_, at) => (at % 3 === 0 ? "bash ls" : `edit ${at}`))
    const b = a.flatMap((key, at) => (at % 50 === 7 ? [`other ${at}`, key] : at % 90 === 11 ? [] : [key]))
    const lines = alignTurns(a, b)
    expect(isAlignment(lines, a, b)).toBe(true)
    const same = lines.filter((line) => line.a !== undefined && line.b !== undefined).length
    expect(same).toBeGreaterThan(9_800)
  })

  it("aligns long runs that share no turns, or only turns that repeat", () => {
    const of = (letter: string) => Array.from({ length: 6_000 }, (_, at) => `${letter}${at % 7}`)
    for (const [a, b] of [
      [of("x"), of("y")],
      [
        [...of("x"), "end"],
        ["begin", ...of("x").reverse()],
      ],
    ] as const) {
      expect(isAlignment(alignTurns(a, b), a, b)).toBe(true)
    }
  })
})
