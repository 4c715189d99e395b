import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { alignTurns } from "./alignTurns"
import { pairTurns, stepKeys } from "./pairTurns"

const bash = (command: string) => ({ kind: "tool" as const, tool: "bash", title: `bash ${command}` })
const edit = (file: string) => ({ kind: "tool" as const, tool: "edit", title: `edit ${file}` })
const says = (title: string) => ({ kind: "model" as const, title })

const pairs = (a: ReturnType<typeof bash | typeof says>[], b: ReturnType<typeof bash | typeof says>[]) =>
  pairTurns(stepKeys(a), stepKeys(b)).map(({ a: x, b: y }) => `${x ?? "-"}:${y ?? "-"}`)

describe("pairTurns", () => {
  it("pairs calls of the same tool with different parameters", () => {
    expect(pairs([bash("ls"), edit("a.ts")], [bash("pwd"), edit("b.ts")])).toEqual(["0:0", "1:1"])
  })

  it("prefers equal steps over similar ones", () => {
    expect(pairs([bash("ls"), bash("npm test")], [bash("npm test")])).toEqual(["0:-", "1:0"])
    expect(pairs([bash("npm test")], [bash("ls"), bash("npm test")])).toEqual(["-:0", "0:1"])
  })

  it("doesn't pair calls of different tools, or a call with text", () => {
    expect(pairs([bash("ls")], [edit("a.ts")])).toEqual(["0:-", "-:0"])
    expect(pairs([bash("ls"), says("Done")], [says("Finished")])).toEqual(["0:-", "1:0"])
  })

  it("lists each turn once and in order, with at least as many equal steps as alignTurns", () => {
    const steps = fc.array(
      fc.oneof(fc.constantFrom("x", "y", "z").map(bash), fc.constantFrom("p", "q").map(says)),
      { maxLength: 14 },
    )
    fc.assert(
      fc.property(steps, steps, (a, b) => {
        const [keysA, keysB] = [stepKeys(a), stepKeys(b)]
        const lines = pairTurns(keysA, keysB)
        expect(lines.flatMap((line) => line.a ?? [])).toEqual(a.map((_, at) => at))
        expect(lines.flatMap((line) => line.b ?? [])).toEqual(b.map((_, at) => at))
        const isSame = ({ a: x = -1, b: y = -1 }) =>
          keysA.exact[x] !== undefined && keysA.exact[x] === keysB.exact[y]
        const exact = alignTurns(keysA.exact, keysB.exact)
        expect(lines.filter(isSame).length).toBeGreaterThanOrEqual(exact.filter(isSame).length)
        for (const { a: x, b: y } of lines)
          if (x !== undefined && y !== undefined) expect(keysA.loose[x]).toBe(keysB.loose[y])
      }),
      { numRuns: 300 },
    )
  })

  it("pairs nearly all turns of two runs with 10,000 turns and hardly any equal step", () => {
    const run = (word: string) =>
      Array.from({ length: 10_000 }, (_, at) => (at % 3 === 0 ? says : bash)(`${word} ${at}`))
    const [a, b] = [run("a"), run("b").slice(4)]
    const lines = pairTurns(stepKeys(a), stepKeys(b))
    expect(lines.flatMap((line) => line.a ?? []).length).toBe(10_000)
    expect(lines.flatMap((line) => line.b ?? []).length).toBe(9_996)
    expect(lines.filter((line) => line.a !== undefined && line.b !== undefined).length).toBeGreaterThan(9_900)
  })
})
