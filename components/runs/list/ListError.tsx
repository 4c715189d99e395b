import { Button } from "@/components/ui/Button"
import type { RunListState } from "@/lib/live/lists/RunListState"

export type ListErrorProps = { list: RunListState; filtered: boolean; onClear: () => void }

/** What stands in place of rows, or after the last one. */
export function ListError({ list, filtered, onClear }: ListErrorProps) {
  if (list.phase === "error") {
    return (
      <p role="alert" className="px-6 py-3 text-failure">
        The list could not be read: {list.error?.message ?? "the server did not answer"} What is shown is from
        before.
      </p>
    )
  }
  if (list.phase === "loading" && list.ids.length === 0) return <Skeleton />
  if (list.loadingMore) return <p className="px-6 py-2 text-ink-3">Older runs…</p>
  if (list.ids.length > 0) return null
  return (
    <p className="flex items-center gap-3 px-6 py-3 text-ink-2">
      {filtered ? "No run is what the filter asks for." : "No run yet."}
      {filtered ? <Button onClick={onClear}>Show all</Button> : null}
    </p>
  )
}

/** Shown only once a wait is real: it fades in after 200 ms. */
function Skeleton() {
  return (
    <div aria-hidden="true" className="skeleton">
      {[64, 48, 56, 40, 52, 44].map((wide) => (
        <div key={wide} className="flex h-row items-center gap-4 border-b border-line px-6">
          <span className="h-2 w-20 rounded-small bg-line" />
          <span className="h-2 rounded-small bg-line" style={{ width: `${wide}%` }} />
        </div>
      ))}
    </div>
  )
}
