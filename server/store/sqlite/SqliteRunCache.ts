import { isStorable } from "@/server/search/searchText"
import type { RunRow } from "@/server/store/RunStore"
import { numberAt } from "./bind"
import {
  endValues,
  haveTextsChanged,
  hotValues,
  labelTexts,
  RUN_COLUMNS,
  RUN_TABLES,
  readRun,
  textValues,
  UPDATE_HOT,
} from "./runRow"
import type { SqliteDatabase } from "./SqliteDatabase"

const CACHED_RUNS = 4_000

const SELECT = `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES} WHERE r.run_id = ?`
const UPDATE_END =
  "UPDATE runs SET status = ?, outcome = ?, failed = ?, ended_at = ?, retained_from = ? WHERE run_no = ?"
const UPDATE_TEXTS = "UPDATE run_texts SET search = ?, texts = ? WHERE run_no = ?"

/** A run in the writer's cache, and which of its parts have changed since the last flush. */
export type CachedRun = {
  readonly runNo: number
  row: RunRow
  texts: boolean
  labels: boolean
  status: boolean
}

/**
 * A cache of recently written runs. Only this connection writes runs, so a cached row is never outdated. A run with
 * many batches in one round is updated only once.
 */
export class SqliteRunCache {
  readonly #runs = new Map<string, CachedRun>()
  readonly #changed = new Set<CachedRun>()

  constructor(readonly db: SqliteDatabase) {}

  /** Returns the run with this id; undefined if it isn't stored. */
  find(runId: string): CachedRun | undefined {
    const known = this.#runs.get(runId)
    if (known !== undefined) return known
    if (!isStorable(runId)) return undefined
    const columns = this.db.query(SELECT).first(runId)
    return columns && this.add(numberAt(columns, 0), readRun(columns))
  }

  /** Adds a run that is already stored. */
  add(runNo: number, row: RunRow): CachedRun {
    const run: CachedRun = { runNo, row, texts: false, labels: false, status: false }
    this.#runs.set(row.run_id, run)
    return run
  }

  /** Sets a run's new row. `flush` writes it. */
  change(run: CachedRun, row: RunRow): void {
    if (row === run.row) return
    if (row.status !== run.row.status) run.status = true
    if (row.labels !== run.row.labels || row.agent_name !== run.row.agent_name) run.labels = true
    if (haveTextsChanged(run.row, row)) run.texts = true
    run.row = row
    this.#changed.add(run)
  }

  /** Drops a deleted run. */
  drop(run: CachedRun): void {
    this.#runs.delete(run.row.run_id)
    this.#changed.delete(run)
  }

  /** Writes all changed rows. Must be called in the round's transaction. */
  flush(): void {
    for (const run of this.#changed) {
      this.db.query(UPDATE_HOT).run(...hotValues(run.row), run.runNo)
      if (run.texts) this.db.query(UPDATE_TEXTS).run(...textValues(run.row), run.runNo)
      if (run.status) this.db.query(UPDATE_END).run(...endValues(run.row), run.runNo)
      if (run.labels) this.#replaceLabels(run)
    }
  }

  /** Inserts the labels of a run that has none stored. */
  insertLabels({ runNo, row }: Pick<CachedRun, "runNo" | "row">): void {
    for (const label of labelTexts(row)) {
      this.db.query("INSERT INTO run_labels (label, run_no) VALUES (?, ?)").run(label, runNo)
    }
  }

  #replaceLabels(run: CachedRun): void {
    this.db.query("DELETE FROM run_labels WHERE run_no = ?").run(run.runNo)
    this.insertLabels(run)
  }

  /** Called after a commit. Evicts ended runs, and the oldest runs above the limit. */
  settle(): void {
    for (const run of this.#changed) {
      run.texts = false
      run.labels = false
      run.status = false
      if (run.row.status !== "in_progress") this.#runs.delete(run.row.run_id)
    }
    this.#changed.clear()
    for (const runId of this.#runs.keys()) {
      if (this.#runs.size <= CACHED_RUNS) break
      this.#runs.delete(runId)
    }
  }

  /** Called after a rollback. Drops everything, because the database may not have the cached rows. */
  clear(): void {
    this.#runs.clear()
    this.#changed.clear()
  }
}
