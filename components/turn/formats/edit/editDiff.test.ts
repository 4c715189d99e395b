import { expect, test } from "vitest"
import { editDiff } from "./editDiff"

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}`)

test("says how many unchanged lines are left out instead of giving line numbers", () => {
  const before = lines(40)
  const after = before.map((line, at) => (at === 10 || at === 30 ? `${line}!` : line))
  expect(editDiff({ from: before.join("\n"), to: after.join("\n") }).split("\n")).toEqual([
    "@@ 7 unchanged lines",
    ...[" line 7", " line 8", " line 9", "-line 10", "+line 10!", " line 11", " line 12", " line 13"],
    "@@ 13 unchanged lines",
    ...[" line 27", " line 28", " line 29", "-line 30", "+line 30!", " line 31", " line 32", " line 33"],
    "@@ 6 unchanged lines",
  ])
})

test("shows a short edit completely", () => {
  expect(editDiff({ from: "a\nb", to: "a\nc" }).split("\n")).toEqual([" a", "-b", "+c"])
  expect(editDiff({ from: "a", to: "a" })).toBe("@@ 1 unchanged line")
})

test("says that long texts are only compared in part", () => {
  const long = lines(4_100)
  const diff = editDiff({ from: long.join("\n"), to: ["new", ...long].join("\n") })
  expect(diff.split("\n").at(-1)).toBe("@@ Only the first 4,000 lines are compared")
})
