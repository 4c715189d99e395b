import { numberAt, textAt } from "@/server/store/sqlite/bind"
import { openForReading, type SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { type Call, type Reply, runCalls, type Service } from "@/server/store/sqlite/workerProtocol"
import { deleteIndex, indexFileOf, openIndex } from "./indexFile"
import { forgetChunk, IndexAheadError, indexSlice } from "./indexSlice"
import { SqliteTurnWords } from "./SqliteTurnWords"

const RUNS_PER_LOOK = 1_000
const LINEAGE = "SELECT lineage FROM lineage"

function createIndexOps(indexer: SqliteIndexer) {
  return {
    note: indexer.note.bind(indexer),
    pace: indexer.pace.bind(indexer),
    lag: indexer.lag.bind(indexer),
    forgetDeleted: indexer.forgetDeleted.bind(indexer),
  }
}
/** The operations of the indexer thread. */
export type IndexOps = ReturnType<typeof createIndexOps>

/**
 * Updates the index of words from the database, in a separate thread and file, so that commits never wait for it. The
 * number of indexed turns is committed with the index, so that indexing always resumes where it stopped.
 */
export class SqliteIndexer implements Service {
  readonly #source: SqliteDatabase
  readonly #file: string
  readonly #ops: IndexOps
  /** The index; undefined before its first use and after its deletion. */
  #opened: SqliteTurnWords | undefined
  /** Runs that may have unindexed turns. */
  readonly #due = new Set<number>()
  /** Runs up to this number have been compared with the index since the start; undefined once all runs have been. */
  #scannedTo: number | undefined = 0
  #slicesLeft = Number.POSITIVE_INFINITY

  constructor(file: string) {
    this.#source = openForReading(file)
    // A small cache, because each turn is read only once.
    this.#source.exec("PRAGMA cache_size = -2048")
    this.#file = indexFileOf(file)
    this.#ops = createIndexOps(this)
  }

  /** Records runs with new turns. Returns the number of runs to index, as far as is known. */
  note(runIds: readonly string[]): number {
    const query = this.#source.query("SELECT run_no FROM runs WHERE run_id = ?")
    for (const runId of runIds) {
      const columns = query.first(runId)
      if (columns !== undefined) this.#due.add(numberAt(columns, 0))
    }
    return this.#due.size
  }

  /** Returns the number of turns that aren't in the index yet. */
  lag(): number {
    // Until all runs have been compared, any run may have unindexed turns; afterwards, only the runs in `due` may.
    const all = this.#scannedTo !== undefined
    if (this.#due.size === 0 && !all) return 0
    const runs = JSON.stringify([...this.#due])
    const sum = (db: SqliteDatabase, table: string) => {
      const where = "WHERE ? OR run_no IN (SELECT value FROM json_each(?))"
      const query = db.query(`SELECT coalesce(sum(cursor), 0) FROM ${table} ${where}`)
      return numberAt(query.first(all ? 1 : 0, runs) ?? [], 0)
    }
    return Math.max(0, sum(this.#source, "runs") - sum(this.#words.db, "indexed_runs"))
  }

  /** Limits the number of slices to index until the next call. */
  pace(slices: number): void {
    this.#slicesLeft = slices
  }

  /**
   * Removes the words of deleted runs from the index, one chunk per call. Returns the runs that are completely removed, and
   * whether there is more to do. If removing fails, deletes the index, so that deleted words aren't kept.
   */
  forgetDeleted(): { forgotten: number[]; more: boolean } {
    const sql = "SELECT run_no FROM deleted_runs ORDER BY run_no"
    const deleted = this.#source
      .query(sql)
      .all()
      .map((columns) => numberAt(columns, 0))
    try {
      for (const [at, runNo] of deleted.entries()) {
        this.#due.delete(runNo)
        if (forgetChunk(this.#source, this.#words, runNo))
          return { forgotten: deleted.slice(0, at), more: true }
      }
      if (deleted.length > 0) this.#words.db.query("PRAGMA wal_checkpoint(TRUNCATE)").all()
    } catch {
      this.#throwAway()
    }
    return { forgotten: deleted, more: false }
  }

  round(calls: readonly Call[]): Reply[] {
    return runCalls(this.#ops, calls)
  }

  /** Indexes a slice of the turns that are due. Returns true if there may be more. After an error, `note` tries again. */
  idle(): boolean {
    if (this.#slicesLeft <= 0) return false
    this.#slicesLeft -= 1
    try {
      if (this.#due.size === 0) return this.#look()
      indexSlice(this.#source, this.#words, this.#due)
      return true
    } catch (error) {
      if (isDamage(error)) this.#throwAway()
      return false
    }
  }

  close(): void {
    this.#opened?.db.close()
    this.#source.close()
  }

  get #words(): SqliteTurnWords {
    if (this.#opened === undefined) {
      const lineage = textAt(this.#source.query(LINEAGE).first() ?? [], 0)
      this.#opened = new SqliteTurnWords(openIndex(this.#file, lineage))
    }
    return this.#opened
  }

  /** Deletes the index. All runs are indexed again. */
  #throwAway(): void {
    this.#opened?.db.close()
    this.#opened = undefined
    this.#due.clear()
    this.#scannedTo = 0
    deleteIndex(this.#file)
  }

  /**
   * Finds unindexed turns that `note` didn't report, for example because they were stored before the start. Returns
   * true if there is more.
   */
  #look(): boolean {
    if (this.#scannedTo === undefined) return false
    const sql = "SELECT run_no, cursor FROM runs WHERE run_no > ? ORDER BY run_no LIMIT ?"
    const runs = this.#source.query(sql).all(this.#scannedTo, RUNS_PER_LOOK)
    const last = runs.at(-1)
    if (last === undefined) {
      this.#scannedTo = undefined
      return false
    }
    const indexed = this.#words.cursors(this.#scannedTo + 1, numberAt(last, 0) + 1)
    for (const columns of runs) {
      const runNo = numberAt(columns, 0)
      if (numberAt(columns, 1) !== (indexed.get(runNo) ?? 0)) this.#due.add(runNo)
    }
    this.#scannedTo = numberAt(last, 0)
    return true
  }
}

function isDamage(error: unknown): boolean {
  if (error instanceof IndexAheadError) return true
  return error instanceof Error && "code" in error && /CORRUPT|NOTADB/.test(String(error.code))
}
