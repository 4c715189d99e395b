import type { Client } from "pg"
import { addTurnWords } from "@/server/search/turnWords"
import { bigintArray, integerArray } from "@/server/store/postgres/write/binaryArrays"

/** The number of turns whose words are stored together. */
const SLICE_TURNS = 64
const SLICE_BYTES = 1024 * 1024
/** The maximum number of words in a row of the index. A tsvector can have 1 MiB, and a word takes up to 144 bytes. */
const WORDS_PER_ROW = 6_000
/** The number of turns to process before yielding to the event loop. */
const TURNS_PER_TICK = 16

/** Selects runs with turns that aren't in the index. */
const BEHIND = `SELECT r.run_no FROM runs r LEFT JOIN indexed_runs i ON i.run_no = r.run_no
  WHERE r.cursor > coalesce(i.cursor, 0) AND r.run_no > $1 ORDER BY r.run_no LIMIT $2`
const RUN_NUMBERS = "SELECT run_no FROM runs WHERE run_id = ANY($1::text[]) ORDER BY run_no"
const CLAIM = `INSERT INTO indexed_runs (run_no, cursor) VALUES ($1, 0) ON CONFLICT (run_no) DO NOTHING`
const CLAIMED = `SELECT i.cursor, r.day, r.cursor FROM indexed_runs i JOIN runs r ON r.run_no = i.run_no
  WHERE i.run_no = $1 FOR UPDATE OF i SKIP LOCKED`
const BODIES = `SELECT p.idx, p.body FROM (
    SELECT b.idx, b.body, sum(octet_length(b.body)) OVER (ORDER BY b.idx) - octet_length(b.body) AS before
    FROM bodies b WHERE b.day = $1 AND b.run_no = $2 AND b.idx >= $3 AND b.idx < $4) p
  WHERE p.before < $5 ORDER BY p.idx`
const INSERT_WORDS = `INSERT INTO turn_words (day, run_no, first_idx, part, words)
  SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[], $4::integer[], $5::tsvector[])`
const ADVANCE = "UPDATE indexed_runs SET cursor = $2 WHERE run_no = $1"

/**
 * Writes the words of turns to the index. Any node may index any run; a row lock prevents two nodes from indexing the
 * same turns.
 */
export class PostgresIndexer {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** Returns the numbers (`run_no`) of the runs with these ids. */
  async runNumbers(runIds: readonly string[]): Promise<number[]> {
    return this.#numbers(RUN_NUMBERS, [runIds])
  }

  /** Returns the numbers of the next runs after `after` that have unindexed turns, at most `limit`. */
  async runsBehind(after: number, limit: number): Promise<number[]> {
    return this.#numbers(BEHIND, [after, limit])
  }

  /** Indexes the next slice of a run. Returns true if there is more. */
  async indexSlice(runNo: number): Promise<boolean> {
    const client = this.#client
    await client.query(CLAIM, [runNo])
    await client.query("BEGIN")
    try {
      const { rows } = await client.query<number[]>({ text: CLAIMED, values: [runNo], rowMode: "array" })
      const [from = 0, day = 0, end = 0] = rows[0] ?? []
      const indexed = from < end ? await this.#index({ day, runNo, from, end }) : from
      await client.query("COMMIT")
      return indexed < end
    } catch (error) {
      await client.query("ROLLBACK")
      throw error
    }
  }

  async #index(run: { day: number; runNo: number; from: number; end: number }): Promise<number> {
    const { day, runNo, from } = run
    const until = Math.min(run.end, from + SLICE_TURNS)
    const values = [day, runNo, from, until, SLICE_BYTES]
    const { rows } = await this.#client.query<[number, string]>({ text: BODIES, values, rowMode: "array" })
    const words = new Set<string>()
    for (const [at, [, body]] of rows.entries()) {
      addTurnWords(words, body)
      if (at % TURNS_PER_TICK === TURNS_PER_TICK - 1) await new Promise((resolve) => setImmediate(resolve))
    }
    const parts = inParts([...words])
    await this.#client.query(INSERT_WORDS, [
      integerArray(parts.map(() => day)),
      bigintArray(parts.map(() => runNo)),
      integerArray(parts.map(() => from)),
      integerArray(parts.map((_, part) => part)),
      parts.map((part) => part.map((word) => `'${word}'`).join(" ")),
    ])
    const indexed = from + rows.length
    await this.#client.query(ADVANCE, [runNo, indexed])
    return rows.length === 0 ? run.end : indexed
  }

  async #numbers(text: string, values: readonly unknown[]): Promise<number[]> {
    const { rows } = await this.#client.query<number[]>({ text, values: [...values], rowMode: "array" })
    return rows.map(([runNo]) => Number(runNo))
  }
}

/** Splits words into parts. Returns at least one part, so that a slice without words is recorded as indexed. */
function inParts(words: readonly string[]): string[][] {
  const parts: string[][] = []
  for (let at = 0; at === 0 || at < words.length; at += WORDS_PER_ROW)
    parts.push(words.slice(at, at + WORDS_PER_ROW))
  return parts
}
