import { expect, test } from "vitest"
import { clearSelection, createGridStore, keepSelected, selectRange, toggleSelected } from "./gridStore"

const order = ["a", "b", "c", "d", "e"]
const start = createGridStore().getState()
const ids = (state: typeof start) => [...state.selected].sort().join("")

test("a run is selected and deselected", () => {
  const one = toggleSelected(start, "b")
  expect(ids(one)).toBe("b")
  expect(ids(toggleSelected(one, "b"))).toBe("")
})

test("a range goes from the last toggled run in either direction", () => {
  const one = toggleSelected(start, "c")
  expect(ids(selectRange(one, "e", order))).toBe("cde")
  expect(ids(selectRange(one, "a", order))).toBe("abc")
})

test("a range keeps its anchor and earlier selections", () => {
  const state = selectRange(toggleSelected(toggleSelected(start, "a"), "c"), "d", order)
  expect(ids(state)).toBe("acd")
  expect(ids(selectRange(state, "e", order))).toBe("acde")
})

test("without an anchor a range starts at the active row", () => {
  expect(ids(selectRange({ ...start, active: "b" }, "d", order))).toBe("bcd")
  expect(ids(selectRange(start, "d", order))).toBe("d")
})

test("runs that no longer exist are deselected", () => {
  const state = selectRange(toggleSelected(start, "a"), "c", order)
  expect(ids(keepSelected(state, (id) => id !== "b"))).toBe("ac")
  expect(keepSelected(state, () => true)).toBe(state)
  expect(ids(clearSelection(state))).toBe("")
})
