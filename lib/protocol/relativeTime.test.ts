import { expect, test } from "vitest"
import { relativeTimeMs } from "./relativeTime"

test("durations are read in each unit", () => {
  expect(["90s", "15m", "1h", "7d", "2w"].map(relativeTimeMs)).toEqual([
    90_000, 900_000, 3_600_000, 604_800_000, 1_209_600_000,
  ])
})

test("anything else isn't a duration", () => {
  for (const text of ["", "h", "0h", "1", "1.5h", "-1h", "1y", "99999d", "1h ", "1H"])
    expect(relativeTimeMs(text)).toBeUndefined()
})
