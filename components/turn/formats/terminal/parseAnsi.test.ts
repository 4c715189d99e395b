import { describe, expect, test } from "vitest"
import { parseAnsi } from "./parseAnsi"
import { spanColors } from "./spanColors"

const textOf = (input: string) =>
  parseAnsi(input)
    .spans.map((span) => span.text)
    .join("")

describe("parseAnsi", () => {
  test("turns colors into spans that end at a reset", () => {
    expect(parseAnsi("a\u001b[31mred\u001b[0mb").spans).toEqual([
      { text: "a", style: {} },
      { text: "red", style: { fg: "var(--ansi-1)" } },
      { text: "b", style: {} },
    ])
  })

  test("reads 256 colors and true colors with both separators", () => {
    expect(parseAnsi("\u001b[38;5;196mx").spans[0]?.style.fg).toBe("rgb(255 0 0)")
    expect(parseAnsi("\u001b[48:2:1:2:3mx").spans[0]?.style.bg).toBe("rgb(1 2 3)")
    expect(parseAnsi("\u001b[1;4;38;5;9mx").spans[0]?.style).toEqual({
      bold: true,
      underline: "solid",
      fg: "var(--ansi-9)",
    })
  })

  test.each([
    ["a link (OSC 8)", "\u001b]8;;https://evil.example\u0007here\u001b]8;;\u0007"],
    ["a clipboard write (OSC 52)", "\u001b]52;c;ZXZpbA==\u001b\\here"],
    ["cursor moves and clearing", "\u001b[2J\u001b[1;1Hhere\u001b[K"],
    ["a private mode", "\u001b[?25lhere\u001b[?25h"],
    ["a character set", "\u001b(Bhere"],
    ["a device string", "\u001bPq#0\u001b\\here"],
    ["a lone escape at the end", "here\u001b"],
    ["an unfinished sequence at the end", "here\u001b[38;5"],
  ])("S13: %s leaves only its text", (_name, input) => {
    expect(textOf(input)).toBe("here")
  })

  test("an unterminated command hides nothing after it", () => {
    expect(textOf("\u001b]0;title and all the output")).toBe("0;title and all the output")
  })

  test("joins the spans beyond the limit and reports it", () => {
    const flood = parseAnsi("\u001b[31mx\u001b[32my".repeat(500), 100)
    expect(flood.spans.length).toBeLessThanOrEqual(101)
    expect(flood.capped).toBe(true)
    expect(flood.spans.map((span) => span.text).join("")).toBe("xy".repeat(500))
  })

  test.each([
    ["escapes", "\u001b".repeat(16_384)],
    ["unfinished commands", "\u001b]".repeat(50_000)],
    ["color changes", "\u001b[38;5;1m".repeat(12_000)],
    ["one endless parameter", `\u001b[${"1;".repeat(50_000)}`],
  ])("a flood of %s yields few spans", (_name, input) => {
    expect(parseAnsi(input).spans.length).toBeLessThanOrEqual(2_001)
  })
})

describe("spanColors", () => {
  const background = { color: "var(--bg)", backgroundColor: "var(--ansi-2)" }

  test.each([
    ["black on green", { fg: "var(--ansi-0)", bg: "var(--ansi-2)" }, background],
    ["white on green", { fg: "var(--ansi-15)", bg: "var(--ansi-2)" }, background],
    ["the default on green", { bg: "var(--ansi-2)" }, background],
    ["inverse green", { fg: "var(--ansi-2)", inverse: true }, background],
    ["green alone", { fg: "var(--ansi-2)" }, { color: "var(--ansi-2)" }],
    [
      "an RGB color on green",
      { fg: "rgb(1 2 3)", bg: "var(--ansi-2)" },
      { ...background, color: "rgb(1 2 3)" },
    ],
    ["inverse alone", { inverse: true }, { color: "var(--bg)", backgroundColor: "var(--ink)" }],
  ])("%s is legible in both themes", (_name, style, colors) => {
    expect(spanColors(style)).toEqual(colors)
  })
})
