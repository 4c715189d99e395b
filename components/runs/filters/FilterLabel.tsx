"use client"

import { FilterField } from "./FilterField"
import type { RunFilterUse } from "./useRunFilter"

/** Labels as `key=value`, parted by commas; a run must have them all. */
export function FilterLabel({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const commit = (text: string) => {
    const labels = parseLabels(text)
    if (labels === undefined) return false
    const { labels: _, ...rest } = filter
    set(Object.keys(labels).length > 0 ? { ...rest, labels } : rest)
    return true
  }
  return (
    <FilterField
      label="Label"
      placeholder="label=value"
      value={labelsText(filter.labels)}
      onCommit={commit}
    />
  )
}

/** `env=prod, team=a` as labels; undefined when a part has no key or no equals sign. */
export function parseLabels(text: string): Record<string, string> | undefined {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
  const pairs = parts.map((part) => {
    const at = part.indexOf("=")
    return [part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim()] as const
  })
  return pairs.some(([key]) => key === "") ? undefined : Object.fromEntries(pairs)
}

function labelsText(labels: Record<string, string> | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(", ")
}
