"use client"

import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import { strings } from "@/components/runs/strings"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunsState } from "@/lib/live/lists/RunListState"
import { FilterField } from "./FilterField"
import { labelsText, parseLabels } from "./parseLabels"
import type { RunFilterUse } from "./useRunFilter"

const TEXT = strings.filters
const MAX_SUGGESTIONS = 200

/** Filters by labels, with suggestions from the loaded runs. */
export function FilterLabel({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const known = useStore(useLive().runs, useShallow(knownLabels))
  const onCommit = (text: string) => {
    const labels = parseLabels(text)
    if (labels === undefined) return TEXT.invalidLabel(text)
    const { labels: _, ...rest } = filter
    set(Object.keys(labels).length > 0 ? { ...rest, labels } : rest)
    return undefined
  }
  return (
    <FilterField
      label={TEXT.label}
      placeholder={TEXT.labelPlaceholder}
      value={labelsText(filter.labels)}
      onCommit={onCommit}
      suggestions={known.map((value) => ({ value }))}
    />
  )
}

/** Returns the labels of the loaded runs as `key=value`, sorted, except labels with a comma, which can't be entered. */
function knownLabels({ byId }: RunsState): string[] {
  const known = new Set<string>()
  for (const { labels } of byId.values()) {
    for (const [key, value] of Object.entries(labels))
      if (!`${key}${value}`.includes(",")) known.add(`${key}=${value}`)
    if (known.size >= MAX_SUGGESTIONS) break
  }
  return [...known].sort()
}
