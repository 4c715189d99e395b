import { expect, test } from "vitest"
import { countsText } from "./announce"

test("counts are announced as one phrase with the right plurals", () => {
  const counts = new Map([
    ["new turn", 5],
    ["error", 1],
  ])
  expect(countsText(counts)).toBe("5 new turns, 1 error")
})
