import { type ResponseUsage, sumShares } from "@/lib/trace/responseUsage"
import type { AppendResult, ImportFinish, NewRun, RunRow, RunStore } from "@/server/store/RunStore"
import {
  abandoned,
  CONTINUATIONS,
  cancelRequested,
  completed,
  continuedBy,
  continuedByOneOf,
  grown,
  importFinished,
  isUnfinishedImport,
  markedDisconnected,
  NO_TOTALS,
  NOT_FOUND,
  startedRow,
  type Transition,
  takenOver,
  updated,
  visible,
} from "@/server/store/runTransitions"
import { numberAt, textAt, timeAt, timeValue } from "./bind"
import type { PackedBatch, SentTexts } from "./PackedBatch"
import { exactText, statusNumber, storedKey, textValues } from "./runRow"
import type { SqliteDatabase } from "./SqliteDatabase"
import { type CachedRun, SqliteRunCache } from "./SqliteRunCache"
import { SqliteTurnWrites } from "./SqliteTurnWrites"
import { TURNS_PER_RUN } from "./schema"

// Columns that aren't named here were added by later migrations and get their defaults.
const INSERT_RUN = `INSERT INTO runs (run_no, run_id, agent_id, start_key, status, failed, started_at, parent, continues, child_count, cursor,
  owner, input_tokens, output_tokens, cost_usd, errors, duration_ms) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, 0, ?, 0, 0, 0, 0, 0)`
const INSERT_KEY =
  "INSERT OR IGNORE INTO batch_keys (run_no, key, base_index, count, recorded_at) VALUES (?, ?, ?, ?, ?)"
const SELECT_KEY = "SELECT base_index, count, recorded_at FROM batch_keys WHERE run_no = ? AND key = ?"
const SELECT_RESPONSE = "SELECT usage FROM responses WHERE run_no = ? AND response_id = ?"
const PUT_RESPONSE = "INSERT OR REPLACE INTO responses (run_no, response_id, usage) VALUES (?, ?, ?)"
const SELECT_CONTINUATIONS = `SELECT run_id, agent_id FROM runs WHERE continues = ? ORDER BY run_no DESC LIMIT ${CONTINUATIONS}`
const LAST_RUN_NO = `SELECT max(coalesce((SELECT max(run_no) FROM runs), 0), coalesce((SELECT max(run_no) FROM deleted_runs), 0))`

const NO_RESPONSES: ReadonlyMap<string, ResponseUsage> = new Map()

/**
 * The writes of a run store, synchronous and in the transaction of their round. Each write checks everything before it
 * changes anything, so that a refusal needs no rollback.
 */
export class SqliteWrites {
  /** True if the database may still have turns of deleted runs, which the writer must sweep. */
  leftovers = true
  readonly #cache: SqliteRunCache
  readonly #turns: SqliteTurnWrites
  #lastRunNo: number

  /** `sweepable`: the deleted runs whose turns may be deleted; undefined if all may be. */
  constructor(
    readonly db: SqliteDatabase,
    readonly sweepable?: Set<number>,
  ) {
    this.#cache = new SqliteRunCache(db)
    this.#lastRunNo = numberAt(db.query(LAST_RUN_NO).first() ?? [], 0)
    this.#turns = new SqliteTurnWrites(db)
  }

  start(run: NewRun): { created: boolean; row: RunRow } {
    const known =
      run.idempotency_key === undefined ? undefined : this.#startedBy(run.agent_id, run.idempotency_key)
    if (known !== undefined) {
      this.#cache.change(known, takenOver(known.row, run.owner, run.received_at ?? run.started_at))
      return { created: false, row: known.row }
    }
    const id = exactText(run.run_id)
    const children = this.db.query("SELECT count(*) FROM runs WHERE parent = ?").first(id) ?? []
    const row = startedRow(run, numberAt(children, 0))
    this.#insert(++this.#lastRunNo, row, run.idempotency_key)
    this.#countChild(run.parent?.run_id, 1)
    const earlier = run.continues && this.#cache.find(run.continues.run_id)
    if (earlier && visible(earlier.row, run.writer)) {
      this.#cache.change(earlier, continuedBy(earlier.row, run.run_id))
    }
    return { created: true, row }
  }

  takeOver({ run_id, writer, owner, at }: Parameters<RunStore["takeOver"]>[0]): Transition {
    return this.#move(run_id, writer, (row) => ({ ok: true, row: takenOver(row, owner, at) }))
  }

  /** Appends a batch. `texts`: the buffer with the batch's texts. */
  append(batch: PackedBatch, texts: SentTexts): AppendResult {
    if (batch.maxTurns > TURNS_PER_RUN) throw new RangeError(`A run can have at most ${TURNS_PER_RUN} turns`)
    const run = this.#cache.find(batch.run_id)
    if (run === undefined || visible(run.row, batch.writer) === undefined) return NOT_FOUND
    const base = run.row.cursor
    const count = batch.outlines.length
    const { added, responses } = this.#addResponses(run, batch)
    const move = grown(run.row, batch, count, added)
    const key = batch.idempotency_key === undefined ? undefined : storedKey(batch.idempotency_key)
    if (!move.ok) return (key !== undefined && this.#storedBatch(run, key, batch)) || move
    const recorded_at = move.row.last_turn_at ?? batch.recorded_at
    const recordedMs = Date.parse(recorded_at)
    // Most keys are new, so the insert is also the look-up.
    if (key !== undefined && this.db.query(INSERT_KEY).run(run.runNo, key, base, count, recordedMs) === 0) {
      return this.#storedBatch(run, key, batch) ?? NOT_FOUND
    }
    this.#turns.add(run.runNo * TURNS_PER_RUN + base, recordedMs, batch, texts)
    for (const [id, usage] of responses) {
      this.db.query(PUT_RESPONSE).run(run.runNo, exactText(id), JSON.stringify(usage))
    }
    this.#cache.change(run, move.row)
    return { ok: true, base_index: base, count, duplicate: false, recorded_at, row: move.row }
  }

  update(update: Parameters<typeof updated>[1] & { run_id: string; writer: readonly string[] }): Transition {
    return this.#move(update.run_id, update.writer, (row) => updated(row, update))
  }

  complete(end: Parameters<typeof completed>[1] & { run_id: string; writer: readonly string[] }) {
    let duplicate = false
    const move = this.#move(end.run_id, end.writer, (row) => {
      const ended = completed(row, end)
      duplicate = ended.duplicate === true
      return ended
    })
    return move.ok ? { ok: true as const, duplicate, row: move.row } : move
  }

  startImport(run: NewRun): { created: boolean; row: RunRow } {
    const known = this.#cache.find(run.run_id)
    if (known !== undefined) return { created: false, row: known.row }
    const later = this.db
      .query(SELECT_CONTINUATIONS)
      .all(exactText(run.run_id))
      .map((columns) => ({ run_id: textAt(columns, 0), agent_id: textAt(columns, 1) }))
    const started = this.start(run)
    const created = this.#cache.find(run.run_id)
    if (created === undefined) return started
    this.#cache.change(created, continuedByOneOf(created.row, later, run.writer))
    return { ...started, row: created.row }
  }

  discardImport({ run_id, owner }: Parameters<RunStore["discardImport"]>[0]): Transition {
    const run = this.#cache.find(run_id)
    if (run === undefined) return NOT_FOUND
    if (!isUnfinishedImport(run.row) || run.row.owner !== owner)
      return { ok: false, code: "forbidden", row: run.row }
    this.#remove(run)
    return { ok: true, row: run.row }
  }

  finishImport(finish: ImportFinish): Transition {
    return this.#move(finish.run_id, ["*"], (row) => importFinished(row, finish))
  }

  abandon(end: { run_id: string; owner: string; ended_at: string }): Transition {
    return this.#move(end.run_id, ["*"], (row) => abandoned(row, end))
  }

  markDisconnected(mark: { run_id: string; disconnected_at: string | null; owner?: string }): void {
    const run = this.#cache.find(mark.run_id)
    const row = run && markedDisconnected(run.row, mark)
    if (run !== undefined && row !== undefined) this.#cache.change(run, row)
  }

  requestCancel(request: {
    run_id: string
    readers: readonly string[]
    reason?: string
    at: string
  }): Transition {
    return this.#move(request.run_id, request.readers, (row) => cancelRequested(row, request))
  }

  delete(request: { run_id: string; readers: readonly string[] }): Transition {
    const run = this.#cache.find(request.run_id)
    if (run === undefined || visible(run.row, request.readers) === undefined) return NOT_FOUND
    if (run.row.status === "in_progress") return { ok: false, code: "forbidden", row: run.row }
    this.#remove(run)
    return { ok: true, row: run.row }
  }

  deleteEndedBefore({ time, limit }: { time: string; limit: number }): string[] {
    const sql = "SELECT run_id FROM runs WHERE retained_from < ? ORDER BY retained_from LIMIT ?"
    const runIds = this.db
      .query(sql)
      .all(Date.parse(time), limit)
      .map((columns) => textAt(columns, 0))
    for (const runId of runIds) {
      const run = this.#cache.find(runId)
      if (run !== undefined) this.#remove(run)
    }
    return runIds
  }

  /** Allows the turns of deleted runs to be deleted, because the index no longer has their words. */
  sweep(runNos: readonly number[]): void {
    for (const runNo of runNos) this.sweepable?.add(runNo)
    this.leftovers = true
  }

  beat(): void {
    this.db
      .query("INSERT INTO heartbeat VALUES (1, 1) ON CONFLICT (only) DO UPDATE SET beats = beats + 1")
      .run()
  }

  /** Writes the changes of the round. Before the commit, only a sweep may follow. */
  flush(): void {
    this.#turns.flush()
    this.#cache.flush()
  }

  /** Called after each commit. */
  committed(): void {
    this.#cache.settle()
  }

  /** Called after each rollback. */
  rolledBack(): void {
    this.leftovers = true
    this.#turns.clear()
    this.#cache.clear()
  }

  #move(runId: string, patterns: readonly string[], step: (row: RunRow) => Transition): Transition {
    const run = this.#cache.find(runId)
    if (run === undefined || visible(run.row, patterns) === undefined) return NOT_FOUND
    const move = step(run.row)
    if (move.ok) this.#cache.change(run, move.row)
    return move
  }

  #startedBy(agentId: string, key: string): CachedRun | undefined {
    const sql = "SELECT run_id FROM runs WHERE agent_id = ? AND start_key = ?"
    const columns = this.db.query(sql).first(agentId, storedKey(key))
    return columns && this.#cache.find(textAt(columns, 0))
  }

  #addResponses({ runNo }: CachedRun, { totals, responses }: PackedBatch): ReturnType<typeof sumShares> {
    if (responses === undefined) return { added: totals, responses: NO_RESPONSES }
    const shares = responses.map((response) => ({ totals: NO_TOTALS, response }))
    return sumShares([{ totals }, ...shares], (id) => {
      const stored = this.db.query(SELECT_RESPONSE).first(runNo, exactText(id))
      return stored && (JSON.parse(textAt(stored, 0)) as ResponseUsage)
    })
  }

  #storedBatch(run: CachedRun, key: string, { owner, recorded_at }: PackedBatch): AppendResult | undefined {
    const stored = this.db.query(SELECT_KEY).first(run.runNo, key)
    if (stored === undefined) return undefined
    this.#cache.change(run, takenOver(run.row, owner, recorded_at))
    const [base_index, count] = [numberAt(stored, 0), numberAt(stored, 1)]
    return {
      ok: true,
      base_index,
      count,
      duplicate: true,
      recorded_at: timeAt(stored, 2) ?? "",
      row: run.row,
    }
  }

  #insert(runNo: number, row: RunRow, startKey: string | undefined): void {
    const parent = row.parent === undefined ? null : exactText(row.parent.run_id)
    const continues = row.continues === undefined ? null : exactText(row.continues.run_id)
    const [status, startedAt] = [statusNumber(row.status), timeValue(row.started_at)]
    this.db
      .query(INSERT_RUN)
      .run(
        runNo,
        row.run_id,
        row.agent_id,
        startKey === undefined ? null : storedKey(startKey),
        status,
        startedAt,
        parent,
        continues,
        row.child_count,
        row.owner,
      )
    this.db
      .query("INSERT INTO run_texts (search, texts, run_no) VALUES (?, ?, ?)")
      .run(...textValues(row), runNo)
    this.#cache.insertLabels({ runNo, row })
    this.#cache.add(runNo, row)
  }

  #countChild(parentId: string | undefined, more: number): void {
    const parent = parentId === undefined ? undefined : this.#cache.find(parentId)
    if (parent === undefined) return
    this.#cache.change(parent, { ...parent.row, child_count: parent.row.child_count + more })
  }

  // The turns are swept later, in slices, because deleting all turns of a long run in one go would delay commits.
  #remove(run: CachedRun): void {
    this.db.query("INSERT INTO deleted_runs (run_no) VALUES (?)").run(run.runNo)
    for (const table of ["runs", "run_texts", "run_labels"]) {
      this.db.query(`DELETE FROM ${table} WHERE run_no = ?`).run(run.runNo)
    }
    this.leftovers = true
    this.#cache.drop(run)
    this.#countChild(run.row.parent?.run_id, -1)
  }
}
