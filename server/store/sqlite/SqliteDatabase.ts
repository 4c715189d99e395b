import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import Database from "libsql"
import { DatabaseNotDurableError } from "@/server/store/errors"
import { bind, numberAt, type SqlRow, type SqlValue, textAt } from "./bind"

/**
 * The page size of a new database. With 4 KiB, turns of just over 2 KB would waste a third of the file. For turns of
 * mixed sizes, the page size makes little difference.
 */
const PAGE_BYTES = 8 * 1024
/** The size of the write-ahead log at which a commit copies it into the database. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024
const WAL_BYTES_KEPT = 64 * 1024 * 1024
const BUSY_TIMEOUT_MS = 5_000

/** A prepared statement. Each call runs it to completion, so no read transaction stays open. */
export type Query = {
  /** Returns the number of changed rows. */
  run(...values: SqlValue[]): number
  first(...values: SqlValue[]): SqlRow | undefined
  all(...values: SqlValue[]): SqlRow[]
}

/** A connection to a SQLite file. Throws if it is used after `close`, because libsql would abort the process. */
export class SqliteDatabase {
  #db: Database.Database | undefined
  readonly #queries = new Map<string, Query>()

  constructor(readonly file: string) {
    this.#db = new Database(file)
  }

  get #open(): Database.Database {
    if (this.#db === undefined) throw new TypeError("The database is closed")
    return this.#db
  }

  get inTransaction(): boolean {
    return this.#open.inTransaction
  }

  exec(sql: string): void {
    this.#open.exec(sql)
  }

  /** Returns the prepared statement for an SQL string. */
  query(sql: string): Query {
    let query = this.#queries.get(sql)
    if (query === undefined) {
      query = this.#prepare(sql)
      this.#queries.set(sql, query)
    }
    return query
  }

  #prepare(sql: string): Query {
    const statement = this.#open.prepare<unknown[]>(sql)
    if (statement.reader) statement.raw(true)
    const checked = (values: SqlValue[]) => {
      if (this.#db === undefined) throw new TypeError("The database is closed")
      return bind(values)
    }
    return {
      run: (...values) => statement.run(checked(values)).changes,
      first: (...values) => (statement.all(checked(values)) as SqlRow[])[0],
      all: (...values) => statement.all(checked(values)) as SqlRow[],
    }
  }

  /** Runs `work` in a transaction with the write lock. Rolls back if it throws. */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE")
    try {
      const result = work()
      this.exec("COMMIT")
      return result
    } catch (error) {
      if (this.inTransaction) this.exec("ROLLBACK")
      throw error
    }
  }

  close(): void {
    const db = this.#db
    this.#db = undefined
    this.#queries.clear()
    db?.close()
  }
}

/** Opens a connection for writing. Creates the file for this user only. */
export function openForWriting(file: string): SqliteDatabase {
  createPrivateFile(file)
  const db = new SqliteDatabase(file)
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
  db.exec("PRAGMA journal_mode = WAL")
  db.exec("PRAGMA synchronous = FULL")
  // An existing database keeps its page size.
  const pageBytes = numberAt(db.query("PRAGMA page_size").first() ?? [], 0)
  db.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil(CHECKPOINT_BYTES / pageBytes)}`)
  db.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`)
  db.exec("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY")
  db.exec("PRAGMA cache_size = -32768")
  return db
}

/** Opens a connection that only reads. The database must exist. */
export function openForReading(file: string): SqliteDatabase {
  const db = new SqliteDatabase(file)
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  db.exec("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768")
  return db
}

/** Checks, after a first write, that every commit of this connection is flushed. Throws `DatabaseNotDurableError`. */
export function assertDurable(db: SqliteDatabase): void {
  const synchronous = numberAt(db.query("PRAGMA synchronous").first() ?? [], 0)
  const journal = textAt(db.query("PRAGMA journal_mode").first() ?? [], 0)
  if (synchronous < 2 || journal !== "wal") {
    throw new DatabaseNotDurableError(
      `Commits would not survive a power cut (journal_mode ${journal}, synchronous ${synchronous}).`,
    )
  }
}

/**
 * Creates an empty file of mode 0600, in a folder of mode 0700, unless it exists. SQLite gives its other files the mode
 * of this file.
 */
export function createPrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, "wx", 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    // Doesn't open the file: closing it would release the locks that SQLite holds on it in this process.
    chmodSync(file, 0o600)
  }
}
