import { createHash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { seededRandom } from "@/lib/testing/seededRandom"
import { hideRandom, mayHoldRandom } from "./hideRandom"
import { Redactor } from "./Redactor"

const BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
const hide = (text: string) => hideRandom(text, (kind) => `[${kind}]`)
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length })
const bytes = (least: number, most: number) => fc.uint8Array({ minLength: least, maxLength: most })
const base64 = (data: Uint8Array) => Buffer.from(data).toString("base64")
const word = fc.constantFrom(
  ..."get Set element by Id value On render Node index html use State http2 v8 base64".split(" "),
)

describe("a key of an unknown form", () => {
  test.each([32, 40, 43, 64])(
    "S18: of %i letters and digits is nearly always redacted, but not the text around it",
    (length) => {
      const random = seededRandom(length)
      let found = 0
      for (let at = 0; at < 500; at++) {
        const token = Array.from({ length }, () => BASE62[Math.floor(random.next() * 62)]).join("")
        const safe = hide(`use "${token}", and see`)
        if (!safe.includes(token)) found++
        expect(['use "[random]", and see', `use "${token}", and see`]).toContain(safe)
      }
      expect(found).toBeGreaterThan(450)
    },
  )

  test("is replaced only in strict mode", () => {
    const key = Buffer.alloc(32)
    const turn = { output: { deep: ["kR7vQ2mX9pL4tZ8wB3nJ6yH1cF5dS0gA"] } }
    expect(new Redactor(key).value(turn)).toBe(turn)
    expect(JSON.stringify(new Redactor(key, { random: true }).value(turn))).toMatch(
      /^\{"output":\{"deep":\["\[redacted:random:[0-9a-f]{8}\]"\]\}\}$/,
    )
  })
})

describe("isn't redacted", () => {
  const kinds: [string, fc.Arbitrary<string>][] = [
    ["a git hash", hex(40)],
    ["a checksum, in capitals too", hex(64).chain((text) => fc.constantFrom(text, text.toUpperCase()))],
    ["a UUID", fc.uuid()],
    ["a run id", fc.uuid({ version: 7 })],
    ["a base64 image", bytes(300, 3_000).map((data) => `data:image/png;base64,${base64(data)}`)],
    ["a small one", bytes(24, 48).map((data) => `data:image/gif;base64,${base64(data)}`)],
    ["a certificate", bytes(150, 1_000).map((data) => base64(data).replace(/(.{64})/g, "$1\n"))],
    [
      "a lock file's checksum",
      bytes(32, 32).map((data) => `sha256-${createHash("sha256").update(data).digest("base64")}`),
    ],
    [
      "a file path",
      fc.array(word, { minLength: 6, maxLength: 14 }).map((words) => `/${words.join("/")}/file-1.test.ts`),
    ],
    ["a name of a program", fc.array(word, { minLength: 6, maxLength: 12 }).map((words) => words.join(""))],
    [
      "minified code",
      fc
        .array(fc.tuple(word, fc.constantFrom("(", ")", "=", ";", ".", ",", "{", "}")), { minLength: 40 })
        .map((parts) => parts.flat().join("")),
    ],
    [
      "a message's id",
      fc
        .constantFrom("toolu_", "agent_msg_", "chatcmpl-")
        .chain((prefix) => bytes(24, 30).map((data) => prefix + base64(data).replace(/[^A-Za-z0-9]/g, ""))),
    ],
  ]
  test.each(kinds)("S18: %s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.constantFrom("", " ", "\n", '"'), (text, around) => {
        expect(hide(`see ${around}${text}${around}`)).toBe(`see ${around}${text}${around}`)
      }),
      { numRuns: 300, seed: 1 },
    )
  })
})

test("the pre-filter on JSON has no false negatives", () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...BASE62, "-", "_", "/", "+"), minLength: 28, maxLength: 80 }),
    fc.string({ maxLength: 20 }),
    fc.constantFrom("\n", "\t", '"', "\\"),
  )
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
      const joined = texts.join("")
      if (hide(joined) === joined) return
      expect(mayHoldRandom(joined)).toBe(true)
      expect(mayHoldRandom(JSON.stringify({ deep: [joined] }))).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})

test("megabytes of one run, or of many, take linear time", () => {
  for (const piece of ["aB3", "aB3".repeat(12).concat(" "), "A".repeat(31).concat(" "), "\n"])
    hide(piece.repeat(Math.ceil(1_000_000 / piece.length)))
})
