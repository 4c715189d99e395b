import { expect, test } from "vitest"
import { applySgr } from "./sgr"

test.each([
  ["4:3", { underline: "wavy" }],
  ["4:0", {}],
  ["4:1", { underline: "solid" }],
  ["4:2", { underline: "double" }],
  ["4:4", { underline: "dotted" }],
  ["4:5", { underline: "dashed" }],
  ["4;3", { underline: "solid", italic: true }],
  ["21", { underline: "double" }],
  ["1;4:3;31", { bold: true, underline: "wavy", fg: "var(--ansi-1)" }],
  ["58;5;196", { underlineColor: "rgb(255 0 0)" }],
  ["58:2::1:2:3", { underlineColor: "rgb(1 2 3)" }],
  ["58;2;1;2;3;1", { underlineColor: "rgb(1 2 3)", bold: true }],
  ["4:3;58:5:9", { underline: "wavy", underlineColor: "var(--ansi-9)" }],
  ["38:2::10:20:30", { fg: "rgb(10 20 30)" }],
  ["38:2:10:20:30", { fg: "rgb(10 20 30)" }],
  ["38;2;10;20;30", { fg: "rgb(10 20 30)" }],
  ["38;2;1;2;999", { fg: "rgb(1 2 255)" }],
  ["48:5:231", { bg: "rgb(255 255 255)" }],
  ["38;5;999;1", { bold: true }],
  ["53", { overline: true }],
  ["", {}],
  ["99;123;7", { inverse: true }],
])("SGR %s", (params, style) => {
  expect(applySgr({}, params)).toEqual(style)
})

test.each([
  ["24", { underline: "wavy" as const }, {}],
  ["59", { underlineColor: "red" }, {}],
  ["39;49", { fg: "red", bg: "blue", bold: true }, { bold: true }],
  ["0", { fg: "red", bold: true }, {}],
  ["", { fg: "red" }, {}],
])("SGR %s resets what was set", (params, before, after) => {
  expect(applySgr(before, params)).toEqual(after)
})
