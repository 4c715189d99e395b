import type { TurnOutline } from "@/lib/protocol/turn"
import { turnCost } from "@/lib/trace/turnCost"
import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"

/** A property by which turns are filtered. Facets of one group are alternatives; a turn must match every group. */
export type Facet = {
  /** `errors`, `errors:tool`, `exits`, `slow`, `costly`, `kind:human`, `tool:bash` or `model:…`; used in the URL. */
  readonly key: string
  readonly group: FacetGroup
  /** The tool, the model or the kind. For other facets, the key itself. */
  readonly name: string
  readonly count: number
}

type FacetGroup = "problem" | "author" | "model" | "slow" | "costly"

export type TurnFacets = {
  readonly facets: readonly Facet[]
  /** Turns that cost at least this are `costly`, in US dollars. */
  readonly costlyFrom: number
}

/** Longer turns are `slow`. */
const SLOW_MS = 10_000
/** A turn is costly if it costs this many times the average. */
const COSTLY_FACTOR = 3
const MIN_COSTLY_USD = 0.001

/** The prefix of facets that select the errors of one kind of turn. */
const ERRORS_OF = "errors:"

/** Counts the facets of the turns `0 … cursor - 1`. Facets without turns are omitted. */
export function turnFacets(outlines: OutlineList, cursor: number): TurnFacets {
  const costlyFrom = costlyThreshold(outlines, cursor)
  const counts = new Map<string, number>()
  const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  for (let index = 0; index < cursor; index++) {
    const outline = outlineAt(outlines, index)
    if (outline !== undefined) for (const key of facetKeys(outline, costlyFrom)) add(key)
  }
  const errors = counts.get("errors")
  for (const [key, count] of counts) if (key.startsWith(ERRORS_OF) && count === errors) counts.delete(key)
  const facets = [...counts].map(([key, count]): Facet => ({ key, count, ...describeKey(key) }))
  const models = facets.filter(({ group }) => group === "model").length
  return {
    // A single model isn't worth filtering by.
    facets: facets.filter(({ group }) => group !== "model" || models > 1).sort(compareFacets),
    costlyFrom,
  }
}

function costlyThreshold(outlines: OutlineList, cursor: number): number {
  let sum = 0
  let priced = 0
  for (let index = 0; index < cursor; index++) {
    const outline = outlineAt(outlines, index)
    const cost = (outline && turnCost(outline)) ?? 0
    if (cost <= 0) continue
    sum += cost
    priced++
  }
  return priced === 0 ? Number.POSITIVE_INFINITY : Math.max(MIN_COSTLY_USD, (sum / priced) * COSTLY_FACTOR)
}

/** Returns the keys of a turn's facets. */
function facetKeys(outline: TurnOutline, costlyFrom: number): string[] {
  const keys: string[] = []
  if (outline.error === true) keys.push("errors", ERRORS_OF + outline.kind)
  if (outline.exit_code !== undefined && outline.exit_code !== 0) keys.push("exits")
  keys.push(
    outline.kind === "tool" && outline.tool !== undefined ? `tool:${outline.tool}` : `kind:${outline.kind}`,
  )
  if (outline.model !== undefined) keys.push(`model:${outline.model}`)
  if ((outline.duration_ms ?? 0) > SLOW_MS) keys.push("slow")
  if ((turnCost(outline) ?? 0) >= costlyFrom) keys.push("costly")
  return keys
}

/** Returns a predicate for the turns that match the selected facets, or undefined if none is selected. */
export function facetFilter(
  keys: readonly string[],
  costlyFrom: number,
): ((outline: TurnOutline) => boolean) | undefined {
  if (keys.length === 0) return undefined
  const alternatives = [...groupKeys(keys).values()].map((group) => new Set(group))
  return (outline) => {
    const own = facetKeys(outline, costlyFrom)
    return alternatives.every((group) => own.some((key) => group.has(key)))
  }
}

/** Adds or removes a facet. The facet of all errors and the facets of one kind of errors replace each other. */
export function toggledFacet(keys: readonly string[], key: string): readonly string[] {
  if (keys.includes(key)) return keys.filter((one) => one !== key)
  const isReplaced = (one: string) =>
    key === "errors" ? one.startsWith(ERRORS_OF) : key.startsWith(ERRORS_OF) && one === "errors"
  return [...keys.filter((one) => !isReplaced(one)), key]
}

function groupKeys(keys: readonly string[]): Map<FacetGroup, string[]> {
  const groups = new Map<FacetGroup, string[]>()
  for (const key of keys) {
    const { group } = describeKey(key)
    groups.set(group, [...(groups.get(group) ?? []), key])
  }
  return groups
}

/** Returns the group and name of a key, which may come from a URL and match no turn. */
export function describeKey(key: string): Pick<Facet, "group" | "name"> {
  const colon = key.indexOf(":")
  const prefix = colon === -1 ? key : key.slice(0, colon)
  const name = colon === -1 ? key : key.slice(colon + 1)
  if (prefix === "tool" || prefix === "kind") return { group: "author", name }
  if (prefix === "model") return { group: "model", name }
  if (prefix === "slow" || prefix === "costly") return { group: prefix, name }
  return { group: "problem", name }
}

const GROUP_ORDER: readonly FacetGroup[] = ["problem", "author", "model", "slow", "costly"]

/** Problems first, then tools and kinds by count. Equal counts are ordered by name, to keep the order stable. */
function compareFacets(a: Facet, b: Facet): number {
  const byGroup = GROUP_ORDER.indexOf(a.group) - GROUP_ORDER.indexOf(b.group)
  if (byGroup !== 0) return byGroup
  if (a.group === "problem") return a.key < b.key ? -1 : 1
  return b.count - a.count || (a.name < b.name ? -1 : 1)
}
