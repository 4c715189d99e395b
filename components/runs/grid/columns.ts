import type { RunSort } from "@/lib/protocol/enums"

export type ColumnId =
  | "state"
  | "agent"
  | "intent"
  | "now"
  | "turns"
  | "errors"
  | "tokens"
  | "cost"
  | "time"
  | "activity"
  | "started"
  | "labels"

export type Column = {
  readonly id: ColumnId
  /** Widths in CSS pixels. Columns with `grow` share the remaining width, up to `max`. */
  readonly min: number
  readonly width: number
  readonly max: number
  readonly grow?: number
  readonly sort?: RunSort
  readonly isNumber?: boolean
  /** The minimum window width for the column, in CSS pixels. */
  readonly from?: number
  /** If not all columns fit, the one with the highest number is omitted first; 0: never. */
  readonly drop: number
}

export const COLUMNS: readonly Column[] = [
  { id: "state", min: 40, width: 116, max: 160, drop: 0 },
  { id: "agent", min: 60, width: 96, max: 220, grow: 0.35, drop: 2 },
  { id: "intent", min: 120, width: 160, max: 560, grow: 1, drop: 0 },
  { id: "now", min: 120, width: 180, max: 760, grow: 1.4, drop: 0 },
  { id: "turns", min: 40, width: 46, max: 120, sort: "turns", isNumber: true, drop: 5 },
  { id: "errors", min: 40, width: 46, max: 120, sort: "errors", isNumber: true, drop: 1 },
  { id: "tokens", min: 44, width: 54, max: 120, sort: "tokens", isNumber: true, drop: 7 },
  { id: "cost", min: 56, width: 72, max: 140, sort: "cost", isNumber: true, drop: 3 },
  { id: "time", min: 56, width: 64, max: 140, sort: "duration", isNumber: true, drop: 4 },
  { id: "activity", min: 60, width: 64, max: 160, sort: "last_seen", isNumber: true, drop: 8 },
  { id: "started", min: 56, width: 70, max: 160, sort: "started", isNumber: true, drop: 6 },
  { id: "labels", min: 140, width: 200, max: 4_000, grow: 0.6, from: 1_800, drop: 9 },
]

/**
 * Widths in CSS pixels: of the gap between columns, of the selection column, and of the space to the left and right of
 * all columns together.
 */
export const COLUMN_GAP_PX = 10
const SELECT_PX = 24
const PADDING_PX = 24

export type FittedColumns = {
  columns: readonly Column[]
  /** The value of `grid-template-columns`, with the selection column first. */
  template: string
}

/**
 * Chooses the columns that fit into a width, and lays them out.
 *
 * @param widths the widths that the viewer has set, by column.
 */
export function fitColumns(
  availablePx: number,
  hidden: readonly ColumnId[],
  widths: Readonly<Partial<Record<ColumnId, number>>>,
): FittedColumns {
  const widthOf = (column: Column) => clampWidth(column, widths[column.id] ?? column.width)
  const chosen = COLUMNS.filter(({ id, from = 0 }) => !hidden.includes(id) && availablePx >= from)
  const needed = (columns: readonly Column[]) =>
    columns.reduce((sum, column) => sum + widthOf(column) + COLUMN_GAP_PX, SELECT_PX + PADDING_PX)
  let columns = chosen
  while (needed(columns) > availablePx) {
    const next = columns.reduce<Column | undefined>(
      (worst, column) => (column.drop > (worst?.drop ?? 0) ? column : worst),
      undefined,
    )
    if (next === undefined) break
    columns = columns.filter((column) => column !== next)
  }
  const tracks = shareRest(columns, availablePx - needed(columns), widthOf, widths)
  const template = [`${SELECT_PX}px`, ...tracks.map((px) => `${px}px`)].join(" ")
  return { columns, template }
}

/** Distributes the remaining width over columns that grow and whose width the viewer hasn't set. */
function shareRest(
  columns: readonly Column[],
  restPx: number,
  widthOf: (column: Column) => number,
  widths: Readonly<Partial<Record<ColumnId, number>>>,
): number[] {
  const tracks = columns.map(widthOf)
  let rest = restPx
  let growing = columns.flatMap((column, at) =>
    column.grow !== undefined && widths[column.id] === undefined ? [at] : [],
  )
  while (rest >= 1 && growing.length > 0) {
    const sum = growing.reduce((total, at) => total + (columns[at]?.grow ?? 0), 0)
    let used = 0
    for (const at of growing) {
      const { grow = 0, max = 0 } = columns[at] ?? {}
      const before = tracks[at] ?? 0
      const after = Math.min(max, Math.floor(before + (rest * grow) / sum))
      tracks[at] = after
      used += after - before
    }
    rest -= used
    growing = growing.filter((at) => (tracks[at] ?? 0) < (columns[at]?.max ?? 0))
    if (used === 0) break
  }
  return tracks
}

/** Limits a width to a column's range. */
export function clampWidth({ min, max }: Column, px: number): number {
  return Math.round(Math.min(max, Math.max(min, px)))
}
