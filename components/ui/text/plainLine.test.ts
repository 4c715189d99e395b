import { expect, test } from "vitest"
import { plainLine } from "./plainLine"

test("removes simple Markdown syntax from a line and keeps its content", () => {
  expect(plainLine("**refund** — order `o_397270` is *in transit*.")).toBe(
    "refund — order o_397270 is in transit.",
  )
  expect(plainLine("## Why *now*?")).toBe("Why now?")
  expect(plainLine("> quoted")).toBe("quoted")
  expect(plainLine("Done. ``` Branch: main ``` Bye")).toBe("Done. Branch: main Bye")
})

test("keeps characters that only look like syntax", () => {
  for (const text of ["2 * 3 * 4", "__init__.py", "a*b*c", "#1 of 3", "x ** y", "*", "`", "****"])
    expect(plainLine(text)).toBe(text)
})

test("handles a line that was cut inside bold text, and never returns an empty string", () => {
  expect(plainLine("**A survey of links and their…")).toBe("A survey of links and their…")
  for (const text of ["**", "# ", "``````", "> "]) expect(plainLine(text)).toBe(text.trim())
})
