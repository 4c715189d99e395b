import { expect, test } from "vitest"
import type { SectionRows } from "@/lib/live/lists/RunListState"
import type { RunSection } from "@/lib/trace/state/runSection"
import { gridSections, rootsOf } from "./gridItems"

const parents: Record<string, string> = { child: "parent", grandchild: "child" }
const children: Record<string, string[]> = { parent: ["child"], child: ["grandchild"] }
const family = (unfolded: string[], roots: ReadonlySet<string> = new Set()) => ({
  unfolded: new Set(unfolded),
  roots,
  parentOf: (id: string) => parents[id],
  childrenOf: (id: string) => children[id],
})
const shown = (sections: SectionRows[], unfolded: string[] = [], folded: RunSection[] = []) =>
  gridSections(sections, folded, family(unfolded)).map(
    ({ section, count, rows }) =>
      `${section} ${count}: ${rows.map(({ runId, depth }) => "-".repeat(depth) + runId).join(" ")}`,
  )

test("child runs are folded under their parents, even from other sections", () => {
  const sections: SectionRows[] = [
    { section: "working", ids: ["other", "parent"] },
    { section: "ended", ids: ["child", "old"] },
  ]
  expect(shown(sections)).toEqual(["working 2: other parent", "ended 2: old"])
  expect(shown(sections, ["parent", "child"])).toEqual([
    "working 2: other parent -child --grandchild",
    "ended 2: old",
  ])
})

test("a child run that needs the user or is in trouble is shown in its section, and only there", () => {
  for (const section of ["needs-you", "trouble"] as const) {
    const sections: SectionRows[] = [
      { section, ids: ["child"] },
      { section: "working", ids: ["parent"] },
    ]
    expect(shown(sections, ["parent"])).toEqual([`${section} 1: child`, "working 1: parent"])
  }
})

test("a section whose runs are all folded under parents elsewhere isn't shown", () => {
  const sections: SectionRows[] = [
    { section: "working", ids: ["parent"] },
    { section: "ended", ids: ["child"] },
  ]
  expect(shown(sections)).toEqual(["working 1: parent"])
})

test("a folded section keeps its header and count", () => {
  expect(shown([{ section: "ended", ids: ["a", "b"] }], [], ["ended"])).toEqual(["ended 2: "])
})

test("while rows are held, a run stays at the top level when its parent arrives with a further page", () => {
  const first: SectionRows[] = [{ section: "ended", ids: ["new", "child", "old"] }]
  const next: SectionRows[] = [{ section: "ended", ids: ["new", "child", "old", "parent"] }]
  const roots = rootsOf(gridSections(first, [], family([])))
  for (const unfolded of [[], ["parent"]]) {
    const [ended] = gridSections(next, [], family(unfolded, roots))
    expect(ended?.rows.map(({ runId, depth }) => `${depth} ${runId}`)).toEqual([
      "0 new",
      "0 child",
      "0 old",
      "0 parent",
    ])
  }
  expect(shown(next)).toEqual(["ended 4: new old parent"])
})
