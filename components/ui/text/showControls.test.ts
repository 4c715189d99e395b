import { expect, test } from "vitest"
import { oneLine, showControls } from "./showControls"

test("S13: controls and bidi overrides are written visibly", () => {
  expect(showControls("a\u0000b\u001b[1m\u202Eevil\u200b")).toBe("a␀b␛[1m[U+202E]evil[U+200B]")
})

test("invisible tag characters are written visibly", () => {
  expect(showControls("x\u{E0041}")).toBe("x[U+E0041]")
})

test("tabs, newlines, emoji and joined scripts stay as they are", () => {
  const text = "a\tb\n👩‍💻 می‌خواهم"
  expect(showControls(text)).toBe(text)
})

test("CR LF is one newline, a lone CR is shown", () => {
  expect(showControls("a\r\nb\rc")).toBe("a\nb␍c")
})

test("a title is one line without hidden characters", () => {
  expect(oneLine("  a\n\tb\u202Ec ")).toBe("a b c")
})
