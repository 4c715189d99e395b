import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import type { RunSectionsState } from "@/lib/live/lists/RunListState"

const TEXT = strings.status

export type GridStatusProps = {
  list: Pick<RunSectionsState, "phase" | "error" | "loadingMore">
  isEmpty: boolean
  isFiltered: boolean
  onClear: () => void
}

/** Shown below the rows: loading, an error, or why there are none. */
export function GridStatus({ list, isEmpty, isFiltered, onClear }: GridStatusProps) {
  if (list.error !== undefined) return <LoadError list={list} isEmpty={isEmpty} onClear={onClear} />
  if (list.phase === "loading" && isEmpty) return <Skeleton />
  if (list.loadingMore) return <p className="px-6 py-2 text-ink-3">{TEXT.loadingMore}</p>
  if (!isEmpty || list.phase !== "ready") return null
  return (
    <p className="flex items-center gap-3 px-6 py-3 text-ink-2">
      {isFiltered ? TEXT.noMatches : TEXT.noRuns}
      {isFiltered ? <Button onClick={onClear}>{TEXT.clear}</Button> : null}
    </p>
  )
}

function LoadError({ list, isEmpty, onClear }: Omit<GridStatusProps, "isFiltered">) {
  const { error } = list
  const issues = (error?.issues ?? []).map(({ path, message }) => `${path}: ${message}`)
  const reason = issues.length > 0 ? issues.join("; ") : (error?.message ?? TEXT.noReply)
  return (
    <p role="alert" className="flex flex-wrap items-center gap-3 px-6 py-3 text-failure">
      <span>
        {TEXT.failed(reason)} {isEmpty ? "" : TEXT.failedStale}
      </span>
      {error?.code === "invalid_params" ? <Button onClick={onClear}>{TEXT.clear}</Button> : null}
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
