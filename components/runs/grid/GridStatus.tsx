"use client"

import { X } from "lucide-react"
import { filterParts, withoutState } from "@/components/runs/filters/filterParts"
import { isEmptyFilter } from "@/components/runs/filters/PageFilter"
import type { RunFilterUse } from "@/components/runs/filters/useRunFilter"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { useRunCounts } from "@/lib/live/hooks/useRuns"
import type { RunSectionsState } from "@/lib/live/lists/RunListState"

const TEXT = strings.status

export type GridStatusProps = {
  list: Pick<RunSectionsState, "phase" | "error" | "loadingMore">
  isEmpty: boolean
} & Pick<RunFilterUse, "filter" | "set">

/** Shown below the rows: that they are loading, an error, or why there are no rows. */
export function GridStatus({ list, isEmpty, filter, set }: GridStatusProps) {
  const onClear = () => set({})
  if (list.error !== undefined) return <LoadError list={list} isEmpty={isEmpty} onClear={onClear} />
  if (list.phase === "loading" && isEmpty) return <Skeleton />
  if (list.loadingMore) return <p className="px-6 py-2 text-ink-3">{TEXT.loadingMore}</p>
  if (!isEmpty || list.phase !== "ready") return null
  if (isEmptyFilter(filter)) return <p className="px-6 py-3 text-ink-2">{TEXT.noRuns}</p>
  return <NoMatches filter={filter} set={set} />
}

/** Lists the parts of the filter, and offers to remove each of them. */
function NoMatches({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const counts = useRunCounts()
  const parts = filterParts(filter)
  const states = parts.filter(({ isState }) => isState)
  const others = counts === undefined ? 0 : counts.in_progress + counts.completed + counts.incomplete
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 px-6 py-3 text-ink-2">
      {TEXT.noMatches}
      {parts.map(({ text, rest }) => (
        <Button
          key={text}
          variant="ghost"
          className="border-line-strong"
          aria-label={TEXT.without(text)}
          onClick={() => set(rest)}
        >
          <span className="max-w-64 truncate">{text}</span>
          <X className="size-3.5" aria-hidden="true" />
        </Button>
      ))}
      {states.length > 0 && others > 0 ? (
        <Button onClick={() => set(withoutState(filter))}>{TEXT.showAll(others)}</Button>
      ) : null}
      <Button onClick={() => set({})}>{TEXT.clear}</Button>
    </div>
  )
}

function LoadError({
  list,
  isEmpty,
  onClear,
}: Pick<GridStatusProps, "list" | "isEmpty"> & { onClear: () => void }) {
  const { error } = list
  const issues = (error?.issues ?? []).map(({ path, message }) => `${path}: ${message}`)
  const reason = issues.length > 0 ? issues.join("; ") : (error?.message ?? TEXT.noReply)
  return (
    <p role="alert" className="flex flex-wrap items-center gap-3 px-6 py-3 text-failure">
      <span>
        {error?.code === "not_found" ? reason : TEXT.failed(reason)} {isEmpty ? "" : TEXT.failedStale}
      </span>
      {error?.code === "invalid_params" || error?.code === "not_found" ? (
        <Button onClick={onClear}>{TEXT.clear}</Button>
      ) : null}
    </p>
  )
}

/** Appears only if loading takes more than 200 ms. */
function Skeleton() {
  return (
    <div aria-hidden="true" className="skeleton">
      {[64, 48, 56, 40, 52, 44].map((width) => (
        <div key={width} className="flex h-row items-center gap-4 border-b border-line px-6">
          <span className="h-2 w-20 rounded-small bg-line" />
          <span className="h-2 rounded-small bg-line" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  )
}
