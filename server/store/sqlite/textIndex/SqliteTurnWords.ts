import { isUnspaced } from "@/server/search/turnWords"
import { numberAt, type SqlRow } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"

/** The number of turns whose words are stored together, as a chunk. A search reads a chunk's turns to find the match. */
export const CHUNK_TURNS = 64
export const CHUNKS_PER_RUN = TURNS_PER_RUN / CHUNK_TURNS
/** The length of a gram. Parts of words that are shorter than this can't be looked up. */
export const GRAM_CHARS = 3

/** Returns the key of a turn's chunk. The key divided by `CHUNKS_PER_RUN` and rounded down is the `run_no`. */
export function chunkOf(runNo: number, index: number): number {
  return runNo * CHUNKS_PER_RUN + Math.floor(index / CHUNK_TURNS)
}

/** Returns the index of the first turn of a chunk. */
export function firstTurnOf(chunk: number): number {
  return (chunk % CHUNKS_PER_RUN) * CHUNK_TURNS
}

/** Returns the distinct trigrams of a word. */
export function gramsOf(word: string): string[] {
  const characters = [...word]
  const grams = characters
    .slice(GRAM_CHARS - 1)
    .map((_, at) => characters.slice(at, at + GRAM_CHARS).join(""))
  return [...new Set(grams)]
}

/** Writes to the index. All methods that change the index must be called in a transaction. */
export class SqliteTurnWords {
  constructor(readonly db: SqliteDatabase) {}

  /** Returns the number of indexed turns of a run. */
  cursor(runNo: number): number {
    const columns = this.db.query("SELECT cursor FROM indexed_runs WHERE run_no = ?").first(runNo)
    return columns === undefined ? 0 : numberAt(columns, 0)
  }

  /**
   * Returns the number of indexed turns of each run in `[first, end)`, by run number. Runs that aren't in the index are
   * omitted.
   */
  cursors(first: number, end: number): Map<number, number> {
    const sql = "SELECT run_no, cursor FROM indexed_runs WHERE run_no >= ? AND run_no < ?"
    const entry = (row: SqlRow): [number, number] => [numberAt(row, 0), numberAt(row, 1)]
    return new Map(this.db.query(sql).all(first, end).map(entry))
  }

  /** Records that a run's turns before `cursor` are indexed. 0 removes the run. */
  setCursor(runNo: number, cursor: number): void {
    if (cursor === 0) this.db.query("DELETE FROM indexed_runs WHERE run_no = ?").run(runNo)
    else this.db.query("INSERT OR REPLACE INTO indexed_runs VALUES (?, ?)").run(runNo, cursor)
  }

  /**
   * Adds words to chunks, in ascending order of chunks, because the index would otherwise be flushed for each chunk.
   */
  add(chunks: ReadonlyMap<number, ReadonlySet<string>>): void {
    const insert = this.db.query("INSERT INTO turn_words (rowid, word) VALUES (CAST(? AS INTEGER), ?)")
    const known = new Set<string>()
    for (const [chunk, words] of [...chunks].sort(([a], [b]) => a - b)) {
      if (words.size > 0) insert.run(chunk, [...words].join(" "))
      for (const word of words) {
        if (known.has(word)) continue
        known.add(word)
        this.#addParts(word)
      }
    }
  }

  /** Removes words from a chunk. Must be repeated after the commit for words that `left` still finds. */
  remove(chunk: number, words: ReadonlySet<string>): void {
    const sql = "INSERT INTO turn_words (turn_words, rowid, word) VALUES ('delete', CAST(? AS INTEGER), ?)"
    this.db.query(sql).run(chunk, [...words].join(" "))
  }

  /** Returns those of the given words that a chunk still has. */
  left(chunk: number, words: ReadonlySet<string>): Set<string> {
    const sql = "SELECT 1 FROM turn_words WHERE turn_words MATCH ? AND rowid = CAST(? AS INTEGER)"
    const query = this.db.query(sql)
    return new Set([...words].filter((word) => query.first(`"${word}"`, chunk) !== undefined))
  }

  /** Deletes the words that no chunk has anymore. */
  forgetUnused(words: ReadonlySet<string>): void {
    const used = this.db.query("SELECT 1 FROM turn_words WHERE turn_words MATCH ? LIMIT 1")
    const find = this.db.query("SELECT word_no FROM words WHERE word = ?")
    const sql = "INSERT INTO word_grams (word_grams, rowid, gram) VALUES ('delete', CAST(? AS INTEGER), ?)"
    for (const word of words) {
      const number = find.first(word)
      if (number === undefined || used.first(`"${word}"`) !== undefined) continue
      this.db.query(sql).run(numberAt(number, 0), gramsOf(word).join(" "))
      this.db.query("DELETE FROM words WHERE word = ?").run(word)
    }
  }

  /** Adds a word to the index of word parts. */
  #addParts(word: string): void {
    if (word.length < GRAM_CHARS || isUnspaced(word)) return
    const grams = gramsOf(word)
    if (grams.length === 0) return
    if (this.db.query("INSERT OR IGNORE INTO words (word) VALUES (?)").run(word) === 0) return
    this.db.query("INSERT INTO word_grams (rowid, gram) VALUES (last_insert_rowid(), ?)").run(grams.join(" "))
  }
}
