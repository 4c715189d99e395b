import { expect, test } from "vitest"
import { labelsText, parseLabels } from "./parseLabels"

test("labels are read and written as key=value", () => {
  expect(parseLabels("env=prod, team = a=b ,")).toEqual({ env: "prod", team: "a=b" })
  expect(parseLabels("")).toEqual({})
  expect(labelsText({ env: "prod", team: "a=b" })).toBe("env=prod, team=a=b")
})

test("incomplete labels are rejected", () => {
  expect(parseLabels("env")).toBeUndefined()
  expect(parseLabels("=prod")).toBeUndefined()
})
