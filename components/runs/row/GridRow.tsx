// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid are absolutely positioned, which table rows can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and refers to the active row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keyboard shortcuts do the same
"use client"

import { type MouseEvent, memo, useCallback, useState, useSyncExternalStore } from "react"
import { useStore } from "zustand"
import { useGrid } from "@/components/runs/grid/GridContext"
import { stopId } from "@/components/runs/grid/stopId"
import { useRunRow } from "@/lib/live/hooks/useRuns"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"
import { runSection } from "@/lib/trace/state/runSection"
import { outcomeOf, type RunState, runState } from "@/lib/trace/state/runState"
import { PhoneCells } from "./PhoneCells"
import type { RowProps } from "./RowProps"
import { RowTools } from "./RowTools"
import { WideCells } from "./WideCells"

/** One run. Re-renders only when the run or its position changes. */
export const GridRow = memo(function GridRow(props: RowProps) {
  const run = useRunRow(props.runId)
  return run === undefined ? null : <Row {...props} run={run} />
})

function Row(props: RowProps & { run: RunSummary }) {
  const { run, section, top, height, rowIndex, isPhone, isTouch, hit } = props
  const { store, open } = useGrid()
  const state = useStateName(run)
  const isActive = useStore(store, ({ active }) => active === run.run_id)
  const isSelected = useStore(store, ({ selected }) => selected.has(run.run_id))
  // Set once the pointer has entered the row, which is when its tools are first rendered.
  const [isNear, setNear] = useState(false)
  const onClick = (event: MouseEvent) => {
    if (isControl(event) || hasSelectedText()) return
    open(run.run_id, hit?.index, event.metaKey || event.ctrlKey || event.button === 1)
  }
  const Cells = isPhone ? PhoneCells : WideCells
  return (
    <div
      role="row"
      id={stopId(run.run_id)}
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      data-active={isActive || undefined}
      {...runAttributes(run, state, section ?? runSection(run))}
      className="run-line absolute inset-x-0 border-b border-line"
      style={{ top, height }}
      onClick={onClick}
      onAuxClick={(event) => event.button === 1 && onClick(event)}
      onPointerEnter={() => setNear(true)}
    >
      <Cells {...props} isSelected={isSelected} />
      <span role="gridcell" className="contents">
        <RowTools run={run} isNear={isNear || isActive || isTouch} />
      </span>
    </div>
  )
}

/** True if a click is on a control in the row. */
function isControl({ target }: MouseEvent): boolean {
  return target instanceof Element && target.closest("a, button, input, label") !== null
}

/** True if the click ended a drag that selected text. */
function hasSelectedText(): boolean {
  return window.getSelection()?.type === "Range"
}

/** Attributes by which tests and scripts find a run's row. */
function runAttributes(run: RunSummary, state: string, section: string) {
  const trouble = run.trouble?.map(({ kind }) => kind).join(" ")
  return {
    "data-run-id": run.run_id,
    "data-state": state,
    "data-outcome": outcomeOf(run),
    "data-cursor": run.cursor,
    "data-section": section,
    "data-trouble": trouble || undefined,
    "data-errors": run.totals.errors,
  }
}

/** Returns the name of a run's state, for `data-state`. Re-renders only when it changes. */
function useStateName(run: RunSummary): RunState["state"] {
  const live = useLive()
  const subscribe = useCallback((listener: () => void) => live.onTick(1_000, listener), [live])
  return useSyncExternalStore(
    subscribe,
    () => runState(run, live.serverNow()).state,
    () => "working",
  )
}
