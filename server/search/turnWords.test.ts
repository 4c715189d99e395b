import fc from "fast-check"
import { expect, test } from "vitest"
import { addTurnWords, addWords, isSought, soughtWords, turnTexts } from "./turnWords"

const wordsOf = (turn: object) => {
  const words = new Set<string>()
  addTurnWords(words, JSON.stringify(turn))
  return [...words].sort()
}

test("a turn's words are those of what it says, does and was asked, in lower case, without keys and numbers", () => {
  const turn = {
    kind: "tool",
    tool: "Bash",
    prompt: "Why?",
    message: "It's ECONNRESET",
    thinking: "hmm",
    parameters: { secret_key_name: "git push", n: 42, deep: [{ x: ["--force"] }] },
    output: ["done_ok"],
    error: { message: "exit", type: "Unseen" },
    attributes: { a: "unseen" },
  }
  expect(wordsOf(turn)).toEqual(
    ["bash", "why", "it", "s", "econnreset", "hmm", "git", "push", "force", "done", "ok", "exit"].sort(),
  )
})

test("words of every script are found; those without spaces character by character", () => {
  expect(wordsOf({ message: "Wörld ΣΊΣΥΦΟΣ 東京タワー e\u0301te\u0301" })).toEqual(
    ["wörld", "σίσυφος", "東", "京", "タ", "ワ", "été", "ー"].sort(),
  )
})

test("64 Ki characters of a turn are searched, however they are spread", () => {
  const output = Array.from({ length: 200_000 }, (_, at) => `w${at}`)
  const texts = [...turnTexts(JSON.stringify({ message: "first", output }))]
  expect(texts[0]).toBe("first")
  expect(texts.join("").length).toBe(64 * 1024)
  expect(wordsOf({ output: "x".repeat(5_000_000) })).toEqual(["x".repeat(48)])
})

test("deep nesting and odd bodies don't throw", () => {
  const deep = `{"output":${"[".repeat(5_000)}"bottom"${"]".repeat(5_000)}}`
  expect([...turnTexts(deep)]).toEqual(["bottom"])
  for (const body of ["null", "3", '"text"', "[]"]) expect([...turnTexts(body)]).toEqual([])
  expect(wordsOf({ message: 3, error: "x", tool: null })).toEqual([])
})

test("a sought word is found by its beginning, a single character only as a whole", () => {
  const found = (q: string, text: string) => {
    const words = new Set<string>()
    addWords(words, text)
    return soughtWords(q).every((sought) => [...words].some((word) => isSought(word, sought)))
  }
  expect(found("econn", "ECONNRESET")).toBe(true)
  expect(found("reset", "ECONNRESET")).toBe(false)
  expect(found("a", "about")).toBe(false)
  expect(found("a", "a-b")).toBe(true)
  expect(found("京タ", "東京タワー")).toBe(true)
  expect(found("x".repeat(60), "x".repeat(70))).toBe(true)
})

test("what a search engine would read as its own language is only words here", () => {
  expect(soughtWords(`foo" OR "b*) NEAR(c AND -d ^e {a: 'b'}`).map(({ word }) => word)).toEqual([
    "foo",
    "or",
    "b",
    "near",
    "c",
    "and",
    "d",
    "e",
  ])
  expect(soughtWords('-> "*" ()')).toEqual([])
})

test("a word that is cut is not cut within a character", () => {
  const [cut] = soughtWords("a".repeat(47) + "𝒳".repeat(9))
  expect(cut?.word).toBe("a".repeat(47))
})

test("colours of a terminal and escapes of JSON within a text end a word", () => {
  expect(wordsOf({ output: "\u001b[31mred\u001b[0mder" })).toEqual(["der", "red"])
  expect(wordsOf({ output: '{\\"log\\":\\"one\\\\ntwo"}' })).toContain("two")
  expect(wordsOf({ output: "C:\\temp\\new" })).toEqual(expect.arrayContaining(["temp", "new"]))
})

test("words are exactly those that Unicode's properties give, whatever mixture of scripts a text is", () => {
  const unspaced =
    "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}"
  const plainly = new RegExp(`[[\\p{L}\\p{M}\\p{N}]--[${unspaced}]]+|[${unspaced}]`, "gv")
  const characters = [..."ab9_ -.\u0301é—ß·東ไ𝒳😀\u00a0\u2028ñ\ufffd"]
  const text = fc.array(fc.constantFrom(...characters), { maxLength: 24 }).map((parts) => parts.join(""))
  fc.assert(
    fc.property(text, (given) => {
      const words = new Set<string>()
      addWords(words, given)
      expect(words).toEqual(new Set(given.normalize("NFC").match(plainly) ?? []))
    }),
    { numRuns: 2_000 },
  )
})
