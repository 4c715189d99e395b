import { expect, test } from "vitest"
import { stripAnsi } from "./stripAnsi"

const ESC = "\u001b"

test.each([
  ["colors", `${ESC}[31mred${ESC}[0m`, "red"],
  ["sub-parameters", `${ESC}[4:3mwavy${ESC}[m`, "wavy"],
  ["private modes", `${ESC}[?25l${ESC}[>4;2mx${ESC}[?25h`, "x"],
  ["a link", `${ESC}]8;;https://a.example/b${ESC}\\text${ESC}]8;;${ESC}\\`, "text"],
  ["a title", `${ESC}]0;npm test\u0007ok`, "ok"],
  ["character sets", `${ESC}(Bx${ESC})0y`, "xy"],
  ["a saved cursor", `${ESC}7x${ESC}8`, "x"],
  ["a sequence that was cut", `x${ESC}[38;5`, "x"],
  ["a command string without an end", `${ESC}]0;all of this stays`, "0;all of this stays"],
  ["brackets without an escape", "[31m stays", "[31m stays"],
])("removes %s", (_name, text, plain) => {
  expect(stripAnsi(text)).toBe(plain)
})

test("takes linear time for command strings without an end", () => {
  expect(stripAnsi(`${ESC}]`.repeat(100_000))).toBe("")
})
