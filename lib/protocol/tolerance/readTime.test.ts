import { expect, test } from "vitest"
import { isImpossibleTime, readTime } from "./readTime"

const T = "2026-01-01T10:00:00.123Z"

test.each([
  ["2026-01-01T10:00:00.123456", T],
  ["2026-01-01T10:00:00.123Z", T],
  ["2026-01-01 10:00:00,123", T],
  ["2026-01-01t10:00:00.123456789z", T],
  ["2026-01-01T12:00:00.123+02:00", T],
  ["2026-01-01T12:00:00.123+0200", T],
  ["2026-01-01T05:30:00.123-04:30", T],
  ["2026-01-01T12:00:00.123+02", T],
  ["2026-01-01 10:00:00.123 UTC", T],
  ["20260101T100000.123Z", T],
  ["2026-01-01T12:00:00.123+02:00[Europe/Berlin]", T],
  ["2026-01-01", "2026-01-01T00:00:00.000Z"],
  ["2026-01-01T10:00", "2026-01-01T10:00:00.000Z"],
  ["Thu, 01 Jan 2026 10:00:00 GMT", "2026-01-01T10:00:00.000Z"],
  ["Thu Jan 01 2026 12:00:00 GMT+0200 (Eastern European Standard Time)", "2026-01-01T10:00:00.000Z"],
  [1_767_261_600, "2026-01-01T10:00:00.000Z"],
  [1_767_261_600.123, T],
  ["1767261600.123", T],
  [1_767_261_600_123, T],
  [1_767_261_600_123_456, T],
  ["1767261600123456789", T],
  ["\ue0c51767261600123456789", T],
  [0, "1970-01-01T00:00:00.000Z"],
])("reads %j as UTC", (value, time) => {
  expect(readTime(value)).toBe(time)
})

test.each([
  "soon",
  "",
  "2026-13-01T00:00:00Z",
  "2026-01-32",
  "+010000-01-01T00:00:00Z",
  "10:00",
  {},
  [],
  true,
  null,
  undefined,
  Number.NaN,
  1e300,
])("doesn't read %j", (value) => {
  expect(readTime(value)).toBeUndefined()
})

test("only times from 2000 to a day ahead are possible", () => {
  const now = Date.parse("2026-01-01T00:00:00.000Z")
  expect(isImpossibleTime("1999-12-31T23:59:59.999Z", now)).toBe(true)
  expect(isImpossibleTime("2000-01-01T00:00:00.000Z", now)).toBe(false)
  expect(isImpossibleTime("2026-01-02T00:00:00.000Z", now)).toBe(false)
  expect(isImpossibleTime("2026-01-02T00:00:00.001Z", now)).toBe(true)
})
