import { expect, test } from "vitest"
import { isoText, localText } from "./CustomRangeDialog"

test("a custom range keeps its seconds", () => {
  expect(isoText(localText("2026-01-01T10:20:37.000Z"))).toBe("2026-01-01T10:20:37.000Z")
})

test("an empty or invalid time is ignored", () => {
  expect(localText(undefined)).toBe("")
  expect(localText("soon")).toBe("")
  expect(isoText("")).toBeUndefined()
})
