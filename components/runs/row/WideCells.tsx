// biome-ignore-all lint/a11y/useSemanticElements: see GridRow
// biome-ignore-all lint/a11y/useFocusableInteractive: see GridRow
"use client"

import type { ReactNode } from "react"
import { LabelsCell } from "@/components/runs/cells/LabelsCell"
import { LiveStateMark } from "@/components/runs/cells/LiveStateMark"
import { NowCell } from "@/components/runs/cells/NowCell"
import {
  ActivityCell,
  CostCell,
  ErrorsCell,
  TimeCell,
  TokensCell,
  TurnsCell,
} from "@/components/runs/cells/numberCells"
import type { ColumnId } from "@/components/runs/grid/columns"
import { cx } from "@/components/ui/cx"
import { oneLine } from "@/components/ui/text/showControls"
import { WallTime } from "@/components/ui/WallTime"
import { FoldButton } from "./FoldButton"
import { IntentLink } from "./IntentLink"
import type { CellsProps } from "./RowProps"
import { SelectBox } from "./SelectBox"

const INDENT_PX = 16
const MAX_INDENT = 4

/** The cells of a row on one line, in columns. */
export function WideCells(props: CellsProps) {
  const { run, columns, isSelected } = props
  return (
    <div className="run-columns h-full">
      <span role="gridcell" aria-colindex={1} className="flex items-center">
        <SelectBox run={run} isSelected={isSelected} />
      </span>
      {columns.map((column, at) => (
        <span
          key={column.id}
          role="gridcell"
          aria-colindex={at + 2}
          data-column={column.id}
          className={cx(column.isNumber ? "grid" : "flex", "min-w-0", column.id === "labels" && "pl-3")}
        >
          <Cell id={column.id} {...props} />
        </span>
      ))}
    </div>
  )
}

function Cell({ id, ...props }: CellsProps & { id: ColumnId }): ReactNode {
  const { run, hit, query } = props
  switch (id) {
    case "state":
      return <LiveStateMark run={run} />
    case "agent":
      return (
        <span className="truncate text-ink-2" title={run.agent_id}>
          {oneLine(run.agent_name ?? run.agent_id, 80)}
        </span>
      )
    case "intent":
      return <Intent {...props} />
    case "now":
      return <NowCell run={run} hit={hit} query={query} />
    case "turns":
      return <TurnsCell run={run} />
    case "errors":
      return <ErrorsCell run={run} />
    case "tokens":
      return <TokensCell run={run} />
    case "cost":
      return <CostCell run={run} />
    case "time":
      return <TimeCell run={run} />
    case "activity":
      return <ActivityCell run={run} />
    case "started":
      return <WallTime at={run.started_at} className="text-right text-ink-2" />
    case "labels":
      return <LabelsCell run={run} />
  }
}

function Intent({ run, depth, isUnfolded, hit }: CellsProps) {
  return (
    <span
      className="flex min-w-0 flex-1 items-center"
      style={{ paddingLeft: Math.min(depth, MAX_INDENT) * INDENT_PX }}
    >
      {run.child_count > 0 ? <FoldButton run={run} isUnfolded={isUnfolded} /> : null}
      <IntentLink run={run} turn={hit?.index} />
    </span>
  )
}
