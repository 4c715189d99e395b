import fc from "fast-check"
import { expect, test } from "vitest"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { addTurnWords, addWords, termParts } from "./turnWords"

const wordsOf = (turn: object) => {
  const words = new Set<string>()
  addTurnWords(words, JSON.stringify(turn))
  return [...words].sort()
}
const textWords = (text: string) => {
  const words = new Set<string>()
  addWords(words, text)
  return words
}

test("the words of a turn are from all its texts, numbers and keys, in lower case", () => {
  const turn = {
    kind: "tool",
    tool: "Bash",
    message: "It's ECONNRESET",
    parameters: { secret_key: "git push", n: 42 },
    output: ["\u001b[31mred\u001b[0mder"],
    error: { message: "exit", type: "Seen" },
    usage: { input_tokens: 77 },
    started_at: "2026-01-01T00:00:00Z",
  }
  const expected = [
    "bash",
    "it",
    "s",
    "econnreset",
    "secret",
    "key",
    "git",
    "push",
    "n",
    "42",
    "redder",
    "exit",
    "seen",
  ]
  expect(wordsOf(turn)).toEqual(expected.sort())
})

test("text in scripts without spaces is split into single characters and pairs", () => {
  expect(wordsOf({ message: "Wörld 東京タワー e\u0301te\u0301" })).toEqual(
    ["wörld", "東", "京", "タ", "ワ", "東京", "京タ", "タワ", "été", "ー"].sort(),
  )
})

test("a term is split like a text", () => {
  const parts = (term: string) =>
    termParts(term).parts.map(
      ({ text, startsWord, endsWord }) => `${startsWord ? "^" : ""}${text}${endsWord ? "$" : ""}`,
    )
  expect(parts("reset")).toEqual(["reset"])
  expect(parts("foo.bar(x)")).toEqual(["foo$", "^bar$", "^x$"])
  expect(parts("北京的")).toEqual(["^北京$", "^京的$"])
  expect(parts("->")).toEqual([])
  expect(parts("x".repeat(60))).toEqual(["x".repeat(24)])
  expect(
    ["reset", "北京", "foo.", "北京的", "x".repeat(60), "->"].map((term) => termParts(term).isExact),
  ).toEqual([true, true, false, false, false, false])
})

test("the parts of any term in a text match its words, and an exact part matches only texts with the term", () => {
  const characters = [..."ab9_ -.\u0301é—ß·東京ไท𝒳😀ñ\ufffdー"]
  const text = fc
    .array(fc.constantFrom(...characters, "abcdefghij"), { maxLength: 40 })
    .map((all) => foldText(shownText(all.join(""))))
  const fits = (word: string, part: ReturnType<typeof termParts>["parts"][number]) => {
    if (part.isUnspaced || (part.startsWord && part.endsWord)) return word === part.text
    if (part.startsWord) return word.startsWith(part.text)
    return part.endsWord ? word.endsWith(part.text) : word.includes(part.text)
  }
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(30), (given, from, length) => {
      const start = given.length === 0 ? 0 : from % given.length
      const term = given.slice(start, start + length).trim()
      if (term === "" || !term.isWellFormed() || term !== foldText(shownText(term))) return
      const words = [...textWords(given)]
      for (const part of termParts(term).parts) expect(words.some((word) => fits(word, part))).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  fc.assert(
    fc.property(text, text, (given, other) => {
      const term = other.trim()
      const { parts, isExact } = termParts(term)
      const [part] = parts
      if (!isExact || part === undefined) return
      expect([...textWords(given)].some((word) => fits(word, part))).toBe(given.includes(term))
    }),
    { numRuns: 2_000 },
  )
})

test("a word of a megabyte is split into pieces", () => {
  expect([...textWords("x".repeat(1_000_000))].length).toBeLessThan(4)
})
