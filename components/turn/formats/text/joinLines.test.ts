import { expect, test } from "vitest"
import { joinAroundCuts, joinLines } from "./joinLines"

test("lines are joined with line breaks, unless they have their own", () => {
  expect(joinLines(["a", "b"])).toBe("a\nb")
  expect(joinLines(["a\n", "b\n"])).toBe("a\nb\n")
})

test("lines that were cut are parts of their own", () => {
  const around = (lines: string[], ...cut: number[]) => joinAroundCuts(lines, (line) => cut.includes(line))
  const whole = (text: string) => ({ text, line: undefined })
  expect(around(["a", "b", "cut", "d", "e"], 2)).toEqual([
    whole("a\nb"),
    { text: "cut", line: 2 },
    whole("d\ne"),
  ])
  expect(around(["a\n", "cut", "d\n"], 1)).toEqual([whole("a"), { text: "cut", line: 1 }, whole("d")])
  expect(around(["x", "y"], 0, 1)).toEqual([
    { text: "x", line: 0 },
    { text: "y", line: 1 },
  ])
  expect(around(["a", "b"])).toEqual([whole("a\nb")])
})
