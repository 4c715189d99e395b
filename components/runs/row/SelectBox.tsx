"use client"

import { useGrid } from "@/components/runs/grid/GridContext"
import { strings } from "@/components/runs/strings"
import type { RunSummary } from "@/lib/protocol/run"
import { runName } from "./runName"

/** Selects a run. With Shift, selects all runs from the last selected one to this one. */
export function SelectBox({ run, isSelected }: { run: RunSummary; isSelected: boolean }) {
  const { select } = useGrid()
  return (
    <label className="run-select -ml-1 flex h-row w-6 items-center justify-center">
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label={strings.grid.select(runName(run))}
        checked={isSelected}
        onChange={(event) => {
          const { nativeEvent } = event
          select(run.run_id, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
        }}
        className="size-3.5 accent-accent"
      />
    </label>
  )
}
