/** What a row of the table says. */
export type RowResult = {
  ours: string
  bare?: string
  ratio?: string
  /** Bare Socket.IO that flushes each command to a file first: what durability costs on this machine at the least. */
  flushed?: string
  /** Whether the goal was met; undefined when every run was void. */
  met: boolean | undefined
  note?: string
}

export type RowContext = {
  quick: boolean
  /** Runs of each side; the median counts. */
  rounds: number
  /** Minutes of the soak. */
  minutes: number
  say(text: string): void
}

export type Row = {
  id: string
  what: string
  goal: string
  /** Left out unless asked for by name. */
  byNameAlone?: boolean
  run(context: RowContext): Promise<RowResult>
}

/** A number in few digits, thousands parted. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return "–"
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString("en-GB", { maximumFractionDigits: digits })
}
