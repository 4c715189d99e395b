import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  agoText,
  costText,
  countText,
  durationText,
  elapsedText,
  grouped,
  sizeText,
  spanText,
} from "./formatNumber"

describe("formatting numbers", () => {
  it("works for every order of magnitude", () => {
    expect(
      [0, -5, Number.NaN, 0.4, 42, 120, 999, 6_200, 9_949, 41_000, 98_000, 7_500_000, 273_600_000].map(
        durationText,
      ),
    ).toEqual([
      "0s",
      "0s",
      "0s",
      "1ms",
      "42ms",
      "0.1s",
      "1s",
      "6.2s",
      "9.9s",
      "41s",
      "1m 38s",
      "2h 05m",
      "3d 4h",
    ])
    expect([0, 999, 41_999, 59_999, 60_000].map(elapsedText)).toEqual(["0s", "0s", "41s", "59s", "1m 00s"])
    expect([0, 987, 1_204, 12_449, 182_000, 999_600, 3_100_000, Number.NaN].map(countText)).toEqual([
      "0",
      "987",
      "1,204",
      "12.4k",
      "182k",
      "1M",
      "3.1M",
      "0",
    ])
    expect([0, 0.00001, 0.0042, 0.05, 0.31, 1.239, 1204.4].map(costText)).toEqual([
      "$0",
      "<$0.0001",
      "$0.0042",
      "$0.0500",
      "$0.31",
      "$1.24",
      "$1,204",
    ])
    expect([0, 41_000, 300_000, 11_000_000, 2e8, -5].map(agoText)).toEqual([
      "just now",
      "41s ago",
      "5m ago",
      "3h ago",
      "2d ago",
      "just now",
    ])
    expect([0, 812, 16_384, 3_355_443].map(sizeText)).toEqual(["0 B", "812 B", "16.0 KiB", "3.2 MiB"])
    expect([45_000, 12 * 60_000 + 59_000, 3_600_000, 3 * 3_600_000 + 5 * 60_000, -1].map(spanText)).toEqual([
      ...["45s", "12m", "1h", "3h 5m", "0s"],
    ])
    expect(grouped(1_234_567)).toBe("1,234,567")
  })

  it("never shows 60s or 60m", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9 }),
        (ms) => !/\b60[ms]/.test(durationText(ms) + elapsedText(ms)),
      ),
    )
  })
})
