import type { Duplex } from "node:stream"
import { Client } from "pg"
import type { Fleet } from "@/e2e/kit/model/Fleet"

const RUNS = `SELECT r.run_id, r.agent_id, r.status, r.cursor, count(t.idx)::integer AS turns,
    coalesce(min(t.idx), 0) AS first, coalesce(max(t.idx), -1) AS last,
    r.status = 0 AND r.grace_ends_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node_id = r.owner_node) AS is_orphan
  FROM runs r LEFT JOIN turns t ON t.day = r.day AND t.run_no = r.run_no GROUP BY r.run_no, r.day`
const STATUS = "SELECT status FROM runs WHERE run_id = $1"
const IN_PROGRESS = 0
const COMPLETED = 1

/** The agent of runs that may end because it doesn't return. */
export const ABANDONED_AGENT = "abandoned"

type Row = {
  run_id: string
  agent_id: string
  status: number
  cursor: number
  turns: number
  first: number
  last: number
  /** Neither a node nor a deadline will ever end the run. */
  is_orphan: boolean
}

/** Reads the log directly, bypassing all nodes, and reports impossible states. */
export class LogWatch {
  readonly client: Client
  /** How each run ended. */
  readonly #ends = new Map<string, string>()
  readonly #cursors = new Map<string, number>()

  /** `stream`: opens the stream of the connection, instead of a socket to the address. */
  constructor(databaseUrl: string, stream?: () => Duplex) {
    this.client = new Client({ connectionString: databaseUrl, ...(stream && { stream }) })
    this.client.on("error", () => {})
  }

  /** Checks that what was acknowledged or shown so far is in the log, and that nothing in the log was undone. */
  async problems(fleet: Fleet, mayAbandon = false): Promise<string[]> {
    const acked = new Map<string, number>()
    for (const entry of fleet.journal.entries())
      if (entry.what === "acked") raise(acked, entry.run_id, entry.base_index + entry.count)
    const shown = new Map<string, number>()
    for (const { views } of fleet.viewers)
      for (const view of views.values()) raise(shown, view.run_id, view.cursor)
    const rows = new Map((await this.client.query<Row>(RUNS)).rows.map((row) => [row.run_id, row]))
    const problems = [...rows.values()].flatMap((row) => this.#check(row, mayAbandon))
    for (const [what, marks] of [["acknowledged", acked] as const, ["shown", shown] as const])
      for (const [run_id, cursor] of marks) {
        const stored = rows.get(run_id)?.cursor ?? -1
        if (stored < cursor) problems.push(`${run_id}: ${cursor} turns ${what}, ${stored} stored`)
      }
    return problems
  }

  async hasEnded(run_id: string): Promise<boolean> {
    const { rows } = await this.client.query<{ status: number }>(STATUS, [run_id])
    return rows.some(({ status }) => status !== IN_PROGRESS)
  }

  #check(row: Row, mayAbandon: boolean): string[] {
    const { run_id, agent_id, status, cursor, turns, first, last } = row
    const problems: string[] = []
    if (row.is_orphan) problems.push(`${run_id}: in progress, but without a node and without a deadline`)
    if (turns !== cursor || first !== 0 || last !== cursor - 1)
      problems.push(`${run_id}: ${turns} turns ${first} to ${last} at cursor ${cursor}`)
    if (cursor < (this.#cursors.get(run_id) ?? 0))
      problems.push(`${run_id}: the cursor decreased to ${cursor}`)
    raise(this.#cursors, run_id, cursor)
    const end = `status ${status} at ${cursor}`
    const before = this.#ends.get(run_id)
    if (before !== undefined && before !== end) problems.push(`${run_id}: ended with ${before}, then ${end}`)
    if (status !== IN_PROGRESS) this.#ends.set(run_id, end)
    if (status !== IN_PROGRESS && status !== COMPLETED && !mayAbandon && agent_id !== ABANDONED_AGENT)
      problems.push(`${run_id}: ended even though its agent kept returning`)
    return problems
  }
}

function raise(marks: Map<string, number>, run_id: string, cursor: number): void {
  marks.set(run_id, Math.max(cursor, marks.get(run_id) ?? 0))
}
