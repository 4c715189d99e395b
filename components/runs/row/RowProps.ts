import type { Column } from "@/components/runs/grid/columns"
import type { ListedRun } from "@/lib/protocol/catalog"
import type { RunSummary } from "@/lib/protocol/run"

/** What the grid passes to a row. */
export type RowProps = {
  runId: string
  depth: number
  isUnfolded: boolean
  /** The section in which the row is shown. Undefined in a sorted list, where it is the run's own section. */
  section: string | undefined
  top: number
  height: number
  rowIndex: number
  columns: readonly Column[]
  isPhone: boolean
  /** True for touch screens, which have no hover: a button shows the row's actions. */
  isTouch: boolean
  hit: ListedRun["hit"]
  query: string | undefined
}

/** What a row passes to its cells. */
export type CellsProps = RowProps & { run: RunSummary; isSelected: boolean }
