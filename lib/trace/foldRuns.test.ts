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

test("child runs stand under their parent alone, once it is unfolded", () => {
  expect(lay(["grandchild", "child", "root"])).toEqual(["root"])
  expect(lay(["grandchild", "child", "root"], ["root"])).toEqual(["root", " child"])
  expect(lay(["child", "root"], ["root", "child"])).toEqual(["root", " child", "  grandchild"])
})

test("a child run whose parent is not in the list stands on its own", () => {
  expect(lay(["orphan", "child"])).toEqual(["orphan", "child"])
  expect(lay(["grandchild", "root"])).toEqual(["grandchild", "root"])
})

test("a circle of parents hides no run and shows none twice", () => {
  expect(lay(["a", "b"])).toEqual(["a", "b"])
  expect(lay(["a", "b"], ["a", "b"])).toEqual(["a", " b"])
})

test("children that are still on their way leave the row unfolded and alone", () => {
  const rows = foldRuns(["root"], new Set(["root"]), { ...family, childrenOf: () => undefined })
  expect(rows).toEqual([{ run_id: "root", depth: 0, unfolded: true }])
})
