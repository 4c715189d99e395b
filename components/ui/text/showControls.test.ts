import { expect, test } from "vitest"
import { oneLine, showControls } from "./showControls"

test("S13: makes control characters and bidi overrides visible", () => {
  expect(showControls("a\u0000b\u001b[1m\u202Eevil\u200b")).toBe("a␀b␛[1m[U+202E]evil[U+200B]")
})

test("makes invisible tag characters visible", () => {
  expect(showControls("x\u{E0041}")).toBe("x[U+E0041]")
})

test("keeps tabs, newlines, emoji and joined scripts", () => {
  const text = "a\tb\n👩‍💻 می‌خواهم"
  expect(showControls(text)).toBe(text)
})

test("turns CR LF into a newline and shows a lone CR", () => {
  expect(showControls("a\r\nb\rc")).toBe("a\nb␍c")
})

test("oneLine removes hidden characters and line breaks", () => {
  expect(oneLine("  a\n\tb\u202Ec ")).toBe("a b c")
})
