import { rmSync } from "node:fs"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import { createPrivateFile, SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"

/** Raised whenever the same turn would give other words, or the tables change: what an older program made is made again. */
const INDEX_VERSION = 2

/**
 * `turn_words` holds no text: for each word, which chunks of which runs have it. `word_grams` finds words
 * by their parts. Without `secure-delete` a word of a deleted
 * run would stay in the file until it happens to be merged away.
 */
const SCHEMA = `
CREATE VIRTUAL TABLE turn_words USING fts5(word, content='', detail=none, columnsize=0, tokenize='ascii');
INSERT INTO turn_words (turn_words, rank) VALUES ('secure-delete', 1);
CREATE TABLE words (word_no INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE word_grams USING fts5(gram, content='', detail=none, columnsize=0, tokenize='ascii');
INSERT INTO word_grams (word_grams, rank) VALUES ('secure-delete', 1);
CREATE TABLE indexed_runs (run_no INTEGER PRIMARY KEY, cursor INTEGER NOT NULL);
CREATE TABLE origin (only INTEGER PRIMARY KEY CHECK (only = 1), lineage TEXT NOT NULL);
`

/** The index of turns' words that goes with a database. It holds nothing that the database does not: it may be deleted at any time. */
export function indexFileOf(databaseFile: string): string {
  return databaseFile.replace(/(\.db)?$/, ".search.db")
}

/** Opens an index, or begins a new one when there is none that goes with a database of this lineage. */
export function openIndex(file: string, lineage: string): SqliteDatabase {
  try {
    const db = openFile(file)
    if (goesWith(db, lineage)) return db
    db.close()
  } catch {
    // Damaged: what it held is in the database, and is read from there again.
  }
  deleteIndex(file)
  const db = openFile(file)
  db.transaction(() => {
    db.exec(SCHEMA)
    db.query("INSERT INTO origin VALUES (1, ?)").run(lineage)
    db.exec(`PRAGMA user_version = ${INDEX_VERSION}`)
  })
  return db
}

/** Removes an index's files. */
export function deleteIndex(file: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true })
}

function openFile(file: string): SqliteDatabase {
  createPrivateFile(file)
  const db = new SqliteDatabase(file)
  // A power cut may take the newest words back, and with them the note of how far the index goes: they are read again.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000")
  db.exec("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192")
  return db
}

function goesWith(db: SqliteDatabase, lineage: string): boolean {
  if (numberAt(db.query("PRAGMA user_version").first() ?? [], 0) !== INDEX_VERSION) return false
  return textAt(db.query("SELECT lineage FROM origin").first() ?? [], 0) === lineage
}
