import { expect, test } from "vitest"
import { plainLine } from "./plainLine"

test("the marks of simple Markdown are left out of a line, what they mark stays", () => {
  expect(plainLine("**refund** — order `o_397270` is *in transit*.")).toBe(
    "refund — order o_397270 is in transit.",
  )
  expect(plainLine("## Why *now*?")).toBe("Why now?")
  expect(plainLine("> quoted")).toBe("quoted")
  expect(plainLine("Done. ``` Branch: main ``` Bye")).toBe("Done. Branch: main Bye")
})

test("what only looks like a mark stays", () => {
  for (const text of ["2 * 3 * 4", "__init__.py", "a*b*c", "#1 of 3", "x ** y", "*", "`", "****"])
    expect(plainLine(text)).toBe(text)
})

test("a line that was cut inside bold begins with its words, and no line becomes empty", () => {
  expect(plainLine("**A survey of links and their…")).toBe("A survey of links and their…")
  for (const text of ["**", "# ", "``````", "> "]) expect(plainLine(text)).toBe(text.trim())
})
