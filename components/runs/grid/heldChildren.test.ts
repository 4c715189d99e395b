import { expect, test } from "vitest"
import { heldChildren } from "./heldChildren"

test("adds no child run to those that are shown, and drops deleted ones", () => {
  const shown = new Map([["parent", ["a", "b"]]])
  expect(heldChildren(shown, new Map([["parent", ["b", "c"]]]))).toEqual(new Map([["parent", ["b"]]]))
})

test("shows the child runs of a run that was unfolded just now, as soon as they are known", () => {
  const current = new Map([["parent", ["a"]]])
  expect(heldChildren(new Map(), current)).toEqual(current)
  expect(heldChildren(new Map([["parent", []]]), current)).toEqual(current)
  expect(heldChildren(current, new Map())).toEqual(new Map())
})
