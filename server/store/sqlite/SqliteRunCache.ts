import { isStorable } from "@/server/search/searchText"
import type { RunRow } from "@/server/store/RunStore"
import { numberAt } from "./bind"
import { endValues, hotValues, RUN_COLUMNS, RUN_TABLES, readRun, textValues } from "./runRow"
import type { SqliteDatabase } from "./SqliteDatabase"

const CACHED_RUNS = 4_000

const SELECT = `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES} WHERE r.run_id = ?`
const UPDATE_HOT = `UPDATE runs SET cursor = ?, last_turn_at = ?, disconnected_at = ?, owner = ?, child_count = ?,
  input_tokens = ?, output_tokens = ?, cost_usd = ?, errors = ?, duration_ms = ? WHERE run_no = ?`
const UPDATE_END = "UPDATE runs SET status = ?, outcome = ?, failed = ?, ended_at = ? WHERE run_no = ?"
const UPDATE_TEXTS = "UPDATE run_texts SET search = ?, texts = ? WHERE run_no = ?"

/** A run as the writer holds it, and what of it the database does not have yet. */
export type CachedRun = { readonly runNo: number; row: RunRow; texts: boolean; ended: boolean }

/**
 * The runs that were written lately. This connection is the only one that writes runs, so that a row need not be read again,
 * and a run that got many batches in one round is updated once.
 */
export class SqliteRunCache {
  readonly #runs = new Map<string, CachedRun>()
  readonly #changed = new Set<CachedRun>()

  constructor(readonly db: SqliteDatabase) {}

  /** A run by its id; undefined for one that is not stored. */
  find(runId: string): CachedRun | undefined {
    const known = this.#runs.get(runId)
    if (known !== undefined) return known
    if (!isStorable(runId)) return undefined
    const columns = this.db.query(SELECT).first(runId)
    return columns && this.add(numberAt(columns, 0), readRun(columns))
  }

  /** Holds a run that the database has. */
  add(runNo: number, row: RunRow): CachedRun {
    const run: CachedRun = { runNo, row, texts: false, ended: false }
    this.#runs.set(row.run_id, run)
    return run
  }

  /** Gives a run its next row; it is written by `flush`. */
  change(run: CachedRun, row: RunRow): void {
    if (row === run.row) return
    if (row.status !== run.row.status) run.ended = true
    if (run.ended || row.cancel_requested_at !== run.row.cancel_requested_at) run.texts = true
    run.row = row
    this.#changed.add(run)
  }

  /** Forgets a run that is deleted. */
  drop(run: CachedRun): void {
    this.#runs.delete(run.row.run_id)
    this.#changed.delete(run)
  }

  /** Writes every changed row, once; inside the round's transaction. */
  flush(): void {
    for (const run of this.#changed) {
      this.db.query(UPDATE_HOT).run(...hotValues(run.row), run.runNo)
      if (run.texts) this.db.query(UPDATE_TEXTS).run(...textValues(run.row), run.runNo)
      if (run.ended) this.db.query(UPDATE_END).run(...endValues(run.row), run.runNo)
    }
  }

  /** After a commit: what was changed is stored; what has ended or is surplus is let go. */
  settle(): void {
    for (const run of this.#changed) {
      run.texts = false
      if (run.ended) this.#runs.delete(run.row.run_id)
    }
    this.#changed.clear()
    for (const runId of this.#runs.keys()) {
      if (this.#runs.size <= CACHED_RUNS) break
      this.#runs.delete(runId)
    }
  }

  /** After a rollback: nothing that is held here is certain. */
  clear(): void {
    this.#runs.clear()
    this.#changed.clear()
  }
}
