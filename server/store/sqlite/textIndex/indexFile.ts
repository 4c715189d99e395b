import { rmSync } from "node:fs"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import { createPrivateFile, SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"

/** The version of the index. Increase it if the words of a turn or the tables change, to rebuild existing indexes. */
const INDEX_VERSION = 2

/**
 * `turn_words` has no texts: it maps each word to the chunks that have it. `word_grams` maps trigrams to words. Without
 * `secure-delete`, words of a deleted run would stay in the file until FTS5 merges their entries.
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

/**
 * Returns the index file of a database. It can be deleted at any time, because it is then created again from the
 * database.
 */
export function indexFileOf(databaseFile: string): string {
  return databaseFile.replace(/(\.db)?$/, ".search.db")
}

/**
 * Opens the index for a database with this lineage. Creates a new index if there is none, or if it has another lineage
 * or version.
 */
export function openIndex(file: string, lineage: string): SqliteDatabase {
  try {
    const db = openFile(file)
    if (isIndexFor(db, lineage)) return db
    db.close()
  } catch {
    // The index is damaged. It is created again from the database.
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

/** Deletes an index's files. */
export function deleteIndex(file: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true })
}

function openFile(file: string): SqliteDatabase {
  createPrivateFile(file)
  const db = new SqliteDatabase(file)
  // A power cut may lose the newest words, but always together with their cursors, so those turns are indexed again.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000")
  db.exec("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192")
  return db
}

function isIndexFor(db: SqliteDatabase, lineage: string): boolean {
  if (numberAt(db.query("PRAGMA user_version").first() ?? [], 0) !== INDEX_VERSION) return false
  return textAt(db.query("SELECT lineage FROM origin").first() ?? [], 0) === lineage
}
