/** The result of a row of the table. */
export type RowResult = {
  ours: string
  bare?: string
  ratio?: string
  /** The figure of plain Socket.IO that flushes each command to a file, which is the minimum cost of durability here. */
  flushed?: string
  /** True if the goal was met; undefined if every round was void. */
  met: boolean | undefined
  note?: string
}

export type RowContext = {
  quick: boolean
  /** Rounds per server. The result is their median. */
  rounds: number
  /** How long the soak test runs, in minutes. */
  minutes: number
  say(text: string): void
}

export type Row = {
  id: string
  what: string
  goal: string
  /** Skipped unless selected by name. */
  byNameAlone?: boolean
  run(context: RowContext): Promise<RowResult>
}

/** Formats a number with few digits and thousands separators. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return "–"
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString("en-GB", { maximumFractionDigits: digits })
}
