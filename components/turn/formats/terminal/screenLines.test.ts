import { describe, expect, test } from "vitest"
import { type ScreenOptions, screenParts } from "./screenLines"

const ESC = "\u001b"
const textOf = (part: { text: { spans: { text: string }[] } }) =>
  part.text.spans.map((span) => span.text).join("")

/** Returns the lines of the screen. An overwritten line ends with the number of its hidden states. */
function screen(text: string, options?: ScreenOptions): string[] {
  return screenParts(text, options).flatMap((part) =>
    part.kind === "lines" ? textOf(part).replace(/\n$/, "").split("\n") : [`${textOf(part)} [${part.count}]`],
  )
}

describe("screenParts", () => {
  test.each([
    ["plain lines", "a\nb\n", ["a", "b"]],
    ["CRLF", "a\r\nb\r\n", ["a", "b"]],
    ["a progress line", "1%\r50%\r100%\ndone", ["100% [2]", "done"]],
    ["a progress line that ends with a carriage return", "1%\r2%\r\nok", ["2% [1]", "ok"]],
    ["lines before and after", "start\n1\r2\nend", ["start", "2 [1]", "end"]],
    ["erase, then write", `10%\r${ESC}[2K20%\r${ESC}[2K30%`, ["30% [2]"]],
    ["column 1, then erase (npm)", `${ESC}[1G${ESC}[0Ka${ESC}[1G${ESC}[0Kb`, ["b [1]"]],
    ["erase to the end of the line", `long text\r${ESC}[Kx`, ["x [1]"]],
    ["a spinner of backspaces", "| \b\b/ \b\b- \b\bok", ["ok [3]"]],
    ["a shorter text that doesn't erase", "12345\rab", ["ab345 [1]"]],
    [
      "cursor up (docker compose)",
      `a: pulling\nb: pulling\n${ESC}[2Aa: done   \nb: done   `,
      ["a: done    [1]", "b: done    [1]"],
    ],
    ["cursor up and erase below", `one\ntwo\n${ESC}[2A${ESC}[Jthree`, ["three [1]", " [1]"]],
    ["a cleared screen keeps the log above", `log\n${ESC}[2J${ESC}[Hnext`, ["log", "next"]],
    ["colors without moves", `${ESC}[31mred${ESC}[0m\n`, ["red"]],
    ["erase sequences of grep", `a${ESC}[K\nb${ESC}[K\n`, ["a", "b"]],
    ["wide characters", "进度 1\r进度 2", ["进度 2 [1]"]],
    ["emoji are never split", "👩‍💻 1\r👩‍💻 2", ["👩‍💻 2 [1]"]],
  ])("%s", (_name, text, lines) => {
    expect(screen(text)).toEqual(lines)
  })

  test("keeps colors of the last state", () => {
    const [part] = screenParts(`${ESC}[31m1${ESC}[0m\r${ESC}[32m2${ESC}[0m`)
    expect(part?.text.spans).toEqual([{ text: "2", style: { fg: "var(--ansi-2)" } }])
  })

  test("keeps the overwritten states", () => {
    const [part] = screenParts("1%\r2%\r3%")
    expect(part).toMatchObject({ kind: "overwritten", states: "1%\n2%" })
  })

  test("shows 2,000 states as one line", () => {
    const frames = Array.from({ length: 2_000 }, (_, at) => `Receiving objects: ${at}`).join("\r")
    expect(screen(`${frames}, done.\n`)).toEqual(["Receiving objects: 1999, done. [1999]"])
  })

  test("counts an unfinished state at a cut as overwritten", () => {
    expect(screen("log\n1%\r2%\r3", { endsMidLine: true })).toEqual(["log", " [3]"])
    expect(screen("log\nunfinis", { endsMidLine: true })).toEqual(["log", "unfinis"])
  })

  test.each([
    ["moves far to the right", `${ESC}[999999999Cx\rb`],
    ["moves far down", `${ESC}[99999Bx\ra`],
    ["carriage returns alone", "\r".repeat(20_000)],
    ["backspaces alone", `a${"\b".repeat(20_000)}b`],
  ])("a flood of %s stays small", (_name, text) => {
    expect(screenParts(text).map(textOf).join("").length).toBeLessThan(10_000)
  })
})
