import { describe, expect, test } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { facetFilter, toggledFacet, turnFacets } from "./turnFacets"

const base = { title: "t", recorded_at: "2026-01-01T00:00:00.000Z" }
const turns: TurnOutline[] = [
  { ...base, index: 0, kind: "human" },
  { ...base, index: 1, kind: "model", model: "m1", cost_usd: 0.01 },
  { ...base, index: 2, kind: "tool", tool: "bash", error: true, exit_code: 1, duration_ms: 20_000 },
  { ...base, index: 3, kind: "tool", tool: "bash", exit_code: 0 },
  { ...base, index: 4, kind: "tool", tool: "read", error: true },
  { ...base, index: 5, kind: "model", model: "m2", estimated_cost_usd: 0.9 },
  { ...base, index: 6, kind: "model", model: "m1", cost_usd: 0.01 },
  { ...base, index: 7, kind: "model", model: "m1", cost_usd: 0.01 },
]
const outlines = withOutlines(NO_OUTLINES, turns)
const facets = (cursor = turns.length) =>
  turnFacets(outlines, cursor).facets.map(({ key, count }) => `${key} ${count}`)
const shown = (...keys: string[]) => {
  const matches = facetFilter(keys, turnFacets(outlines, turns.length).costlyFrom) ?? (() => true)
  return turns.filter(matches).map(({ index }) => index)
}

describe("turnFacets", () => {
  test("counts problems, tools and kinds, models, slow and costly turns", () => {
    expect(facets()).toEqual([
      ...["errors 2", "exits 1", "kind:model 4", "tool:bash 2", "kind:human 1", "tool:read 1"],
      ...["model:m1 3", "model:m2 1", "slow 1", "costly 1"],
    ])
  })

  test("counts the turns up to the cursor, and omits a single model", () => {
    expect(facets(2)).toEqual(["kind:human 1", "kind:model 1"])
  })
})

describe("errors of different kinds", () => {
  const failed: TurnOutline[] = [
    { ...base, index: 0, kind: "model", error: true },
    { ...base, index: 1, kind: "tool", tool: "bash", error: true },
    { ...base, index: 2, kind: "tool", tool: "read", error: true },
  ]

  test("are facets if a run has several kinds", () => {
    const { facets: own, costlyFrom } = turnFacets(withOutlines(NO_OUTLINES, failed), 3)
    expect(own.slice(0, 3).map(({ key, count }) => `${key} ${count}`)).toEqual([
      ...["errors 3", "errors:model 1", "errors:tool 2"],
    ])
    expect(failed.filter(facetFilter(["errors:tool"], costlyFrom) ?? (() => false))).toEqual(failed.slice(1))
  })

  test("replace all errors when they are selected, and the other way round", () => {
    expect(toggledFacet(["errors", "slow"], "errors:tool")).toEqual(["slow", "errors:tool"])
    expect(toggledFacet(["errors:tool"], "errors:model")).toEqual(["errors:tool", "errors:model"])
    expect(toggledFacet(["errors:tool", "errors:model"], "errors")).toEqual(["errors"])
    expect(toggledFacet(["errors", "exits"], "exits")).toEqual(["errors"])
  })
})

describe("facetFilter", () => {
  test("matches any facet within a group, and requires all groups", () => {
    expect(shown("errors")).toEqual([2, 4])
    expect(shown("errors", "tool:bash")).toEqual([2])
    expect(shown("tool:bash", "kind:human")).toEqual([0, 2, 3])
    expect(shown("kind:model", "model:m1", "model:m2")).toEqual([1, 5, 6, 7])
    expect(shown("costly")).toEqual([5])
    expect(shown("slow", "exits")).toEqual([2])
    expect(shown("tool:unknown")).toEqual([])
  })

  test("is undefined without facets", () => {
    expect(facetFilter([], 0)).toBeUndefined()
  })
})
