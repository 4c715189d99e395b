"use client"

import { ChevronRight } from "lucide-react"
import { useGrid } from "@/components/runs/grid/GridContext"
import { strings } from "@/components/runs/strings"
import type { RunSummary } from "@/lib/protocol/run"

/** Shows or hides a run's child runs. */
export function FoldButton({ run, isUnfolded }: { run: RunSummary; isUnfolded: boolean }) {
  const { toggleFold } = useGrid()
  const { foldChildren, unfoldChildren } = strings.grid
  const label = (isUnfolded ? foldChildren : unfoldChildren)(run.child_count)
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={label}
      aria-expanded={isUnfolded}
      title={label}
      onClick={() => toggleFold(run.run_id)}
      className="-ml-1 flex h-row w-5 shrink-0 items-center justify-center text-ink-3 hover:text-ink"
    >
      <ChevronRight
        className={`size-3.5 transition-transform ${isUnfolded ? "rotate-90" : ""}`}
        aria-hidden="true"
      />
    </button>
  )
}
