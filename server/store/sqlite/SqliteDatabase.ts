import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import Database from "libsql"
import { DatabaseNotDurableError } from "@/server/store/errors"
import { bind, numberAt, type SqlRow, type SqlValue, textAt } from "./bind"

/** Of a new database. Less is left empty than of 4 KiB: a third of all for turns a little over 2 KB, 3 % for mixed ones. */
const PAGE_BYTES = 8 * 1024
/** What the log may grow to before a commit copies it into the database. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024
const WAL_BYTES_KEPT = 64 * 1024 * 1024
const BUSY_TIMEOUT_MS = 5_000

/** A prepared statement. Each call begins and ends on its own: no read stays open behind it. */
export type Query = {
  /** Rows changed. */
  run(...values: SqlValue[]): number
  first(...values: SqlValue[]): SqlRow | undefined
  all(...values: SqlValue[]): SqlRow[]
}

/** One connection to a SQLite file. Using it after `close` throws, since libsql would abort the process. */
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

  /** The statement of a text, prepared once. */
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

  /** Runs `work` in one transaction that takes the write lock in one go; rolled back when it throws. */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE")
    try {
      const result = work()
      this.exec("COMMIT")
      return result
    } catch (trouble) {
      if (this.inTransaction) this.exec("ROLLBACK")
      throw trouble
    }
  }

  close(): void {
    const db = this.#db
    this.#db = undefined
    this.#queries.clear()
    db?.close()
  }
}

/** Opens a connection that may write, its file made for this user alone. */
export function openForWriting(file: string): SqliteDatabase {
  createPrivateFile(file)
  const db = new SqliteDatabase(file)
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
  db.exec("PRAGMA journal_mode = WAL")
  db.exec("PRAGMA synchronous = FULL")
  // A database that was there before keeps the pages it was made of.
  const pageBytes = numberAt(db.query("PRAGMA page_size").first() ?? [], 0)
  db.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil(CHECKPOINT_BYTES / pageBytes)}`)
  db.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`)
  db.exec("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY")
  db.exec("PRAGMA cache_size = -32768")
  return db
}

/** Opens a connection that only reads a database that exists. */
export function openForReading(file: string): SqliteDatabase {
  const db = new SqliteDatabase(file)
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  db.exec("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768")
  return db
}

/** Makes sure, after a first write, that every commit of this connection is flushed to the disk; throws `DatabaseNotDurableError`. */
export function assertDurable(db: SqliteDatabase): void {
  const synchronous = numberAt(db.query("PRAGMA synchronous").first() ?? [], 0)
  const journal = textAt(db.query("PRAGMA journal_mode").first() ?? [], 0)
  if (synchronous < 2 || journal !== "wal") {
    throw new DatabaseNotDurableError(
      `Commits would not survive a power cut (journal_mode ${journal}, synchronous ${synchronous}).`,
    )
  }
}

/** Makes an empty file of mode 0600 unless there is one, in a folder of mode 0700; SQLite gives its side files the same mode. */
export function createPrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, "wx", 0o600))
  } catch (trouble) {
    if ((trouble as NodeJS.ErrnoException).code !== "EEXIST") throw trouble
    // Not by a descriptor: closing one would drop the locks that SQLite holds on this file in this process.
    chmodSync(file, 0o600)
  }
}
