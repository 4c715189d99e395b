import fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { exactNumber, markNumbers, mayHoldExactNumbers, parseExact, stringifyExact } from "./exactNumbers"

const MARK = "\ue0c5"
const roundTrip = (text: string) => stringifyExact(parseExact(text))

describe("exact numbers", () => {
  test.each([
    '{"id":1610521604143693812}',
    '{"id":-9007199254740993}',
    "[9007199254740992,18446744073709551615,0]",
    "1610521604143693812",
    '{"big":1000000000000000000000,"huge":1e400}',
    '{"text":"1610521604143693812","a":[1,2,{"b":12345678901234567890}]}',
  ])("keep their digits: %s", (text) => {
    expect(roundTrip(text)).toBe(text)
  })

  it("are distinguishable from other values, and can be shown", () => {
    const { id, text } = parseExact('{"id":1610521604143693812,"text":"1610521604143693812"}') as never
    expect(exactNumber(id)).toBe("1610521604143693812")
    for (const value of [text, 1, "", MARK, `${MARK}x`, `${MARK}${MARK}1`, null])
      expect(exactNumber(value)).toBeUndefined()
  })

  test.each([
    ["safe integers", "[0,-1,9007199254740991,-9007199254740991]"],
    ["decimals", "[0.30000000000000004,1.5,1e21,1e-7]"],
    ["digits in strings", '["a:1610521604143693812",",1610521604143693812","\\"[1610521604143693812"]'],
    ["digits in keys", '{"1610521604143693812":1}'],
  ])("don't change %s", (_, text) => {
    expect(parseExact(text)).toEqual(JSON.parse(text))
    expect(JSON.parse(roundTrip(text))).toEqual(JSON.parse(text))
  })

  it("accepts whitespace around numbers", () => {
    expect(roundTrip('{ "id" :\n 1610521604143693812 }')).toBe('{"id":1610521604143693812}')
  })

  it.each([
    ["NaN", '{"loss":NaN}', { loss: "NaN" }],
    ["Infinity", "[Infinity,-Infinity]", ["Infinity", "-Infinity"]],
    ["NaN beside words in strings", '{"a":"NaN","b":NaN,"c":"x: NaN"}', { a: "NaN", b: "NaN", c: "x: NaN" }],
    ["NaN beside large numbers", "[NaN,9007199254740993]", ["NaN", `${MARK}9007199254740993`]],
  ])("reads a bare %s as a string", (_, text, expected) => {
    expect(parseExact(text)).toEqual(expected)
  })

  it.each(["{", "[nan]", "[NaNa]", "[Infinityx]", '["a]', "", "{'a':1}", "[1610521604143693812"])(
    "throws for invalid JSON: %s",
    (text) => {
      expect(() => parseExact(text)).toThrow(SyntaxError)
    },
  )

  it.each([
    `${MARK}1610521604143693812`,
    `${MARK}${MARK}5`,
    `x${MARK}5`,
    `${MARK}`,
    `"${MARK}123`,
    `,"${MARK}123"`,
  ])("keeps a string that looks like a marked number a string: %s", (text) => {
    const sent = { text, list: [text], [text]: text, "\\": text }
    for (const json of [JSON.stringify(sent), JSON.stringify(sent).replaceAll(MARK, "\\ue0c5")])
      expect(JSON.parse(roundTrip(json))).toEqual(sent)
  })

  it("round-trips the JSON text of any value, and always yields JSON", () => {
    const piece = fc.constantFrom(
      MARK,
      "123",
      '"',
      "\\",
      ",",
      ":",
      "[",
      "\ue0c5-1.5e3",
      "9007199254740993",
      "NaN",
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
    )
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(null, true),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(text, tie("any"), { maxKeys: 4 }),
      ),
    })).any
    fc.assert(
      fc.property(value, (sent) => {
        const json = JSON.stringify(sent)
        expect(roundTrip(json)).toBe(JSON.stringify(JSON.parse(json)))
        expect(stringifyExact(JSON.parse(markNumbers(json)))).toBe(JSON.stringify(JSON.parse(json)))
      }),
      { numRuns: 2_000 },
    )
  })

  it("takes linear time for long strings full of quotes and backslashes", () => {
    const long = JSON.stringify([`\\"`.repeat(300_000), MARK.repeat(100_000)])
    expect(roundTrip(`{"a":9007199254740993,"b":${long}}`)).toBe(`{"a":9007199254740993,"b":${long}}`)
  })
})

describe("mayHoldExactNumbers", () => {
  const json = fc.oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.integer(), fc.integer({ min: 0, max: 2_000 })).map(([n, e]) => `${n}e${e}`),
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom(`"${MARK}5"`, '"\\ue0c51"', "1E+400", "[ -1234567890123456789 ]"),
  )
  const texts = fc.array(json).map((parts) => `{"a":\n[${parts.join(", ")}]}`)

  it("is true for every text that markNumbers changes", () => {
    fc.assert(fc.property(texts, (text) => markNumbers(text) === text || mayHoldExactNumbers(text)))
  })

  test.each(['{"at":"2026-01-01T00:00:00.000Z","id":"de305d54-75b4-431b"}', "[0.30000000000000004,1.5e21]"])(
    "is false for %s",
    (text) => {
      expect(mayHoldExactNumbers(text)).toBe(false)
    },
  )
})
