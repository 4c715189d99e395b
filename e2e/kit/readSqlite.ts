import { readdirSync } from "node:fs"
import { join } from "node:path"
import Database from "libsql"
import { asStoredTurn, type StoredRun } from "@/e2e/kit/model/StoredRun"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"

type Row = Record<string, unknown>

/** Returns the database file in a data directory. */
export function findDatabase(dataDir: string): string {
  const name = readdirSync(dataDir).find((entry) => entry.endsWith(".db"))
  if (name === undefined) throw new Error(`no database in ${dataDir}: ${readdirSync(dataDir).join(" ")}`)
  return join(dataDir, name)
}

const STATUSES = ["in_progress", "completed", "incomplete"] as const

/**
 * Reads every run of a database that no server has open, without the server's code, together with SQLite's integrity
 * check.
 */
export function readSqlite(file: string): { integrity: string; runs: Map<string, StoredRun> } {
  const db = new Database(file)
  try {
    const checked = db.prepare("PRAGMA integrity_check").all() as Row[]
    const integrity = checked.map((row) => String(row.integrity_check)).join("; ")
    const rows = db.prepare("SELECT run_no, run_id, status, outcome, cursor FROM runs").all() as Row[]
    const turnsOf = db.prepare(
      "SELECT id, body FROM turns JOIN bodies USING (body_no) WHERE id >= ? AND id < ? ORDER BY id",
    )
    const runs = new Map<string, StoredRun>()
    for (const row of rows) {
      const first = Number(row.run_no) * TURNS_PER_RUN
      const turns = (turnsOf.all(first, first + TURNS_PER_RUN) as Row[]).map((turn) =>
        asStoredTurn(JSON.parse(String(turn.body)), Number(turn.id) - first, false),
      )
      const run_id = String(row.run_id)
      if (turns.length !== Number(row.cursor))
        throw new Error(`${run_id}: cursor ${row.cursor}, but ${turns.length} turns`)
      const status = STATUSES[Number(row.status)] ?? "in_progress"
      runs.set(run_id, {
        run_id,
        status,
        turns,
        ...(typeof row.outcome === "string" && { outcome: row.outcome }),
      })
    }
    return { integrity, runs }
  } finally {
    db.close()
  }
}
