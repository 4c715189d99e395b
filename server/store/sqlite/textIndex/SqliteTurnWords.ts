import type { SoughtWord } from "@/server/search/turnWords"
import { numberAt, type SqlRow } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"

/** Turns whose words are kept together: a search reads fewer entries, and finds the turn within by reading these. */
export const CHUNK_TURNS = 64
const CHUNKS_PER_RUN = TURNS_PER_RUN / CHUNK_TURNS

/** The key of the chunk that a turn belongs to. `run_no` is `chunk / CHUNKS_PER_RUN`. */
export function chunkOf(runNo: number, index: number): number {
  return runNo * CHUNKS_PER_RUN + Math.floor(index / CHUNK_TURNS)
}

/** The first turn of a chunk. */
export function firstTurnOf(chunk: number): number {
  return (chunk % CHUNKS_PER_RUN) * CHUNK_TURNS
}

// Beginnings of two and three characters are words of their own: to gather all words with a short beginning takes too long.
// No word of a turn has this mark, and the index takes it for a letter.
const BEGINS = "·"

/** What is in the index for words. */
export function entriesOf(words: Iterable<string>): Set<string> {
  const entries = new Set<string>()
  for (const word of words) {
    entries.add(word)
    const [a, b, c] = word
    if (b === undefined) continue
    entries.add(`${BEGINS}${a}${b}`)
    if (c !== undefined) entries.add(`${BEGINS}${a}${b}${c}`)
  }
  return entries
}

/** The expression that finds a word; made of letters and digits alone, so that nothing in it is read as an operator. */
export function matchOf({ word, whole }: SoughtWord): string {
  if (whole) return `"${word}"`
  return [...word].length <= 3 ? `"${BEGINS}${word}"` : `"${word}"*`
}

/** Subselect of the runs that have a word in their turns; its one parameter is `matchOf` the word. */
export const RUNS_WITH_WORD = `SELECT rowid / ${CHUNKS_PER_RUN} FROM found.turn_words WHERE turn_words MATCH ?`
/** The first chunk with a word of each of some runs, by run: the parameters are `matchOf` the word and the runs as a JSON array. */
export const FIRST_CHUNKS = `SELECT rowid / ${CHUNKS_PER_RUN} AS run_no, min(rowid) FROM found.turn_words WHERE turn_words MATCH ?
  AND rowid / ${CHUNKS_PER_RUN} IN (SELECT value FROM json_each(?)) GROUP BY run_no`

/** The index as the one that writes it sees it; every method belongs inside a transaction. */
export class SqliteTurnWords {
  constructor(readonly db: SqliteDatabase) {}

  /** How many turns of a run are in the index. */
  cursor(runNo: number): number {
    const columns = this.db.query("SELECT cursor FROM indexed_runs WHERE run_no = ?").first(runNo)
    return columns === undefined ? 0 : numberAt(columns, 0)
  }

  /** The runs of the index among `[first, end)`, with how many of their turns it has. */
  cursors(first: number, end: number): Map<number, number> {
    const sql = "SELECT run_no, cursor FROM indexed_runs WHERE run_no >= ? AND run_no < ?"
    const entry = (row: SqlRow): [number, number] => [numberAt(row, 0), numberAt(row, 1)]
    return new Map(this.db.query(sql).all(first, end).map(entry))
  }

  /** Notes that a run's turns before `cursor` are in the index; 0 forgets the run. */
  setCursor(runNo: number, cursor: number): void {
    if (cursor === 0) this.db.query("DELETE FROM indexed_runs WHERE run_no = ?").run(runNo)
    else this.db.query("INSERT OR REPLACE INTO indexed_runs VALUES (?, ?)").run(runNo, cursor)
  }

  /** Adds words to chunks. Goes through chunks in ascending order, which spares the index a flush for each. */
  add(chunks: ReadonlyMap<number, ReadonlySet<string>>): void {
    const insert = this.db.query("INSERT INTO turn_words (rowid, word) VALUES (CAST(? AS INTEGER), ?)")
    for (const [chunk, words] of [...chunks].sort(([a], [b]) => a - b)) {
      if (words.size > 0) insert.run(chunk, [...entriesOf(words)].join(" "))
    }
  }

  /** Takes entries away from a chunk. One that came at several times is there as often: `left` tells, after the commit. */
  remove(chunk: number, entries: ReadonlySet<string>): void {
    const sql = "INSERT INTO turn_words (turn_words, rowid, word) VALUES ('delete', CAST(? AS INTEGER), ?)"
    this.db.query(sql).run(chunk, [...entries].join(" "))
  }

  /** Which of these entries a chunk has. */
  left(chunk: number, entries: ReadonlySet<string>): Set<string> {
    const sql = "SELECT 1 FROM turn_words WHERE turn_words MATCH ? AND rowid = CAST(? AS INTEGER)"
    const query = this.db.query(sql)
    return new Set([...entries].filter((entry) => query.first(`"${entry}"`, chunk) !== undefined))
  }
}
