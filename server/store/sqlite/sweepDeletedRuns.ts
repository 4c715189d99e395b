import { numberAt } from "./bind"
import type { SqliteDatabase } from "./SqliteDatabase"
import { TURNS_PER_RUN } from "./schema"

const SLICE_TURNS = 256
const SLICE_KEYS = 1_000
const SLICE_BYTES = 512 * 1024

/**
 * Deletes up to about 512 KiB of the turns and keys of deleted runs, so that commits don't wait long. With `sweepable`,
 * deletes only the data of those runs, and removes the finished ones from the set. Must be called in a transaction.
 * Returns true if there may be more to do.
 */
export function sweepDeletedRuns(db: SqliteDatabase, sweepable?: Set<number>): boolean {
  const runNo = nextRun(db, sweepable)
  if (runNo === undefined) return false
  if (sweepTurns(db, runNo) || sweepKeys(db, runNo) || sweepResponses(db, runNo)) return true
  db.query("DELETE FROM deleted_runs WHERE run_no = ?").run(runNo)
  return true
}

function nextRun(db: SqliteDatabase, sweepable: Set<number> | undefined): number | undefined {
  const next = db.query("SELECT run_no FROM deleted_runs WHERE run_no >= ? ORDER BY run_no LIMIT 1")
  if (sweepable === undefined) return next.first(0)?.map(Number)[0]
  for (const runNo of sweepable) {
    if (next.first(runNo)?.[0] === runNo) return runNo
    sweepable.delete(runNo)
  }
  return undefined
}

function sweepTurns(db: SqliteDatabase, runNo: number): boolean {
  const first = runNo * TURNS_PER_RUN
  const turns = db
    .query(`SELECT t.id, t.body_no, octet_length(b.body) FROM turns t JOIN bodies b ON b.body_no = t.body_no
      WHERE t.id >= ? AND t.id < ? ORDER BY t.id LIMIT ?`)
    .all(first, first + TURNS_PER_RUN, SLICE_TURNS)
  let last: number | undefined
  let bytes = 0
  for (const turn of turns) {
    if (bytes > SLICE_BYTES) break
    bytes += numberAt(turn, 2)
    db.query("DELETE FROM bodies WHERE body_no = ?").run(numberAt(turn, 1))
    last = numberAt(turn, 0)
  }
  if (last === undefined) return false
  db.query("DELETE FROM turns WHERE id >= ? AND id <= ?").run(first, last)
  return true
}

function sweepResponses(db: SqliteDatabase, runNo: number): boolean {
  const sql =
    "DELETE FROM responses WHERE run_no = ? AND response_id IN (SELECT response_id FROM responses WHERE run_no = ? LIMIT ?)"
  return db.query(sql).run(runNo, runNo, SLICE_KEYS) > 0
}

function sweepKeys(db: SqliteDatabase, runNo: number): boolean {
  const sql =
    "DELETE FROM batch_keys WHERE run_no = ? AND key IN (SELECT key FROM batch_keys WHERE run_no = ? LIMIT ?)"
  return db.query(sql).run(runNo, runNo, SLICE_KEYS) > 0
}
