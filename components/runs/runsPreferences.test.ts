import { expect, test } from "vitest"
import { DEFAULT_PREFERENCES, readPreferences } from "./runsPreferences"

test("stored preferences are read", () => {
  const stored = {
    hiddenColumns: ["tokens"],
    widths: { intent: 300 },
    foldedSections: ["ended"],
    lanesOpen: false,
    lanesPx: 120,
  }
  expect(readPreferences(stored)).toEqual(stored)
})

test("invalid preferences fall back to the defaults", () => {
  const damaged = [
    undefined,
    null,
    "x",
    [],
    { hiddenColumns: "tokens", widths: [], foldedSections: {}, lanesOpen: "yes", lanesPx: 1e9 },
    { hiddenColumns: ["nonsense"], widths: { intent: "wide", now: -1, x: 3 }, foldedSections: [1] },
  ]
  for (const stored of damaged) expect(readPreferences(stored)).toEqual(DEFAULT_PREFERENCES)
})
