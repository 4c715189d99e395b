import { expect, test } from "vitest"
import { aRun } from "@/lib/testing/builders"
import { troubleLine, troubleText } from "./troubleText"

const since = "2026-01-01T00:00:00.000Z"
const after = (minutes: number) => Date.parse(since) + minutes * 60_000

test("errors say how many there were, and when", () => {
  const trouble = { kind: "errors" as const, since, text: "429 quota of tenant 118" }
  expect(troubleText({ ...trouble, count: 155, window_ms: 300_000 }, after(1))).toBe("155 errors in 5 min")
  expect(troubleText({ ...trouble, count: 0, window_ms: 300_000 }, after(1))).toBe("errors")
  expect(troubleText(trouble, after(1))).toBe("errors")
})

test("durations keep counting while the summary stays the same", () => {
  expect(troubleText({ kind: "hanging", since, text: "bash for 10m" }, after(12.5))).toBe("bash for 12m")
  expect(troubleText({ kind: "silent", since, text: "silent for 3h 2m" }, after(245))).toBe(
    "silent for 4h 5m",
  )
  expect(troubleText({ kind: "silent", since, text: "silent for 3m" }, 0)).toBe("silent for 3m")
  expect(troubleText({ kind: "looping", since, text: "same call 4×", count: 4 }, after(9))).toBe(
    "same call 4×",
  )
})

test("one line has all reasons as of now, and the last error of a run with errors", () => {
  const silent = { kind: "silent" as const, since, text: "silent for 3m" }
  const errors = { kind: "errors" as const, since, text: "429 quota", count: 155, window_ms: 300_000 }
  const last_error = { text: "429 quota of tenant 118", at: since, index: 7 }
  expect(troubleLine(aRun({ trouble: [errors, silent], last_error }), after(12))).toBe(
    "155 errors in 5 min · silent for 12m · 429 quota of tenant 118",
  )
  expect(troubleLine(aRun({ trouble: [silent], last_error }), after(12))).toBe("silent for 12m")
  expect(troubleLine(aRun({ trouble: [], last_error }), after(12))).toBeUndefined()
  expect(troubleLine(aRun(), after(12))).toBeUndefined()
})
