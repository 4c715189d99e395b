import { expect, test } from "vitest"
import { foldRuns } from "./foldRuns"

const parents: Record<string, string> = {
  child: "root",
  grandchild: "child",
  orphan: "elsewhere",
  a: "b",
  b: "a",
}
const family = {
  parentOf: (id: string) => (Object.hasOwn(parents, id) ? parents[id] : undefined),
  childrenOf: (id: string) => Object.keys(parents).filter((child) => parents[child] === id),
}
const lay = (ids: string[], unfolded: string[] = []) =>
  foldRuns(ids, new Set(unfolded), family).map((row) => `${" ".repeat(row.depth)}${row.run_id}`)

test("child runs are only shown under their parent, once it is unfolded", () => {
  expect(lay(["grandchild", "child", "root"])).toEqual(["root"])
  expect(lay(["grandchild", "child", "root"], ["root"])).toEqual(["root", " child"])
  expect(lay(["child", "root"], ["root", "child"])).toEqual(["root", " child", "  grandchild"])
})

test("a child run whose parent isn't in the list is shown at the top level", () => {
  expect(lay(["orphan", "child"])).toEqual(["orphan", "child"])
  expect(lay(["grandchild", "root"])).toEqual(["grandchild", "root"])
})

test("a cycle of parents hides no run and shows none twice", () => {
  expect(lay(["a", "b"])).toEqual(["a", "b"])
  expect(lay(["a", "b"], ["a", "b"])).toEqual(["a", " b"])
})

test("a row is unfolded but has no children while they are loading", () => {
  const rows = foldRuns(["root"], new Set(["root"]), { ...family, childrenOf: () => undefined })
  expect(rows).toEqual([{ run_id: "root", depth: 0, unfolded: true }])
})
