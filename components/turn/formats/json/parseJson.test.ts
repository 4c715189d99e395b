import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { exactNumber } from "@/lib/protocol/exactNumbers"
import { parseJsonText, printJson } from "./parseJson"

describe("parseJsonText", () => {
  test.each(["12345678901234567890", "-9007199254740993", "1e400"])("keeps every digit of %s", (digits) => {
    const parsed = parseJsonText(`{"n": ${digits}, "s": "12345678901234567890 NaN"}`) as Record<
      string,
      unknown
    >
    expect(exactNumber(parsed.n)).toBe(digits)
    expect(parsed.s).toBe("12345678901234567890 NaN")
    expect(printJson(parsed)).toContain(`"n": ${digits},`)
  })

  test.each(["1", "-0.5", "1.50", "1e3", "9007199254740991", "0.30000000000000004"])(
    "reads %s as a number",
    (digits) => {
      expect(parseJsonText(`[${digits}]`)).toEqual([Number(digits)])
    },
  )

  test("reads Python's output for numbers that JSON doesn't support", () => {
    expect(parseJsonText('{"a": NaN, "b": -Infinity}')).toEqual({ a: "NaN", b: "-Infinity" })
  })

  test.each(["", "12", '"text"', "{", "[1,]", "null", "{a: 1}"])("returns undefined for %s", (text) => {
    expect(parseJsonText(text)).toBeUndefined()
  })

  test("reads lines of objects, a byte order mark, and JSON that was encoded several times", () => {
    expect(parseJsonText('{"a":1}\n{"a":12345678901234567890}\n\n')).toMatchObject([{ a: 1 }, {}])
    expect(parseJsonText('\ufeff{"a":1}')).toEqual({ a: 1 })
    const encoded = JSON.stringify(JSON.stringify(JSON.stringify({ a: [1] })))
    expect(parseJsonText(encoded)).toEqual({ a: [1] })
  })

  test.each(['{"a":1}\nnot JSON {}', "{ a }\n{ b }", '{"a":1}\n', "[1]\n[2]"])(
    "doesn't read %j as lines of objects",
    (text) => {
      expect(Array.isArray(parseJsonText(text))).toBe(false)
    },
  )

  test("handles quotes and backslashes around numbers", () => {
    const value = { 'a"12345678901234567890': "\\", b: ['"NaN"', 12] }
    expect(parseJsonText(JSON.stringify(value))).toEqual(value)
  })

  test("returns what JSON.parse returns, and prints what was parsed", () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const text = JSON.stringify(value)
        expect(printJson(parseJsonText(text))).toBe(JSON.stringify(JSON.parse(text), null, 2))
      }),
    )
  })
})
