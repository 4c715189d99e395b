import { expect, test } from "vitest"
import { unknownSettings } from "./unknownSettings"

test("reports misspelt settings with the setting that was probably meant", () => {
  expect(
    unknownSettings({ TURNLINE_GRACE: "1", TURNLINE_DATADIR: "x", TURNLINE_PUBLIC_URL: "http://a" }),
  ).toEqual([
    { name: "TURNLINE_GRACE", suggestion: "TURNLINE_GRACE_MS" },
    { name: "TURNLINE_DATADIR", suggestion: "TURNLINE_DATA_DIR" },
  ])
})

test("suggests nothing for a name that isn't similar to a setting", () => {
  expect(unknownSettings({ TURNLINE_SOMETHING_ELSE_ENTIRELY: "1" })).toEqual([
    { name: "TURNLINE_SOMETHING_ELSE_ENTIRELY", suggestion: undefined },
  ])
})

test("accepts the settings of clients, and ignores other variables", () => {
  expect(unknownSettings({ TURNLINE_URL: "x", TURNLINE_TOKEN: "y", PORT: "1", HOME: "/" })).toEqual([])
})
