import { createHash } from "node:crypto"
import type { Client } from "pg"
import { bigintArray, integerArray, textArray } from "@/server/store/postgres/write/binaryArrays"
import * as sql from "@/server/store/postgres/write/roundSql"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"

/** A chunk has at most this many turns and, unless it is a single turn, at most this many characters. */
const CHUNK_TURNS = 200
const CHUNK_CHARACTERS = 4 * 1024 * 1024

const SIZES = `SELECT t.id, length(t.outline) + coalesce(length(b.preview), 0) + length(b.body) FROM turns t
  JOIN bodies b ON b.body_no = t.body_no WHERE t.id >= ? AND t.id < ? ORDER BY t.id LIMIT ${CHUNK_TURNS}`
const TURNS = `SELECT t.id, t.recorded_at, t.outline, b.preview, b.body FROM turns t JOIN bodies b ON b.body_no = t.body_no
  WHERE t.id >= ? AND t.id <= ? ORDER BY t.id`
const STORED_TURNS = `SELECT t.idx, t.recorded_at, t.outline, b.preview, b.body FROM turns t
  JOIN bodies b ON b.day = t.day AND b.run_no = t.run_no AND b.idx = t.idx
  WHERE t.day = $1 AND t.run_no = $2 AND t.idx >= $3 ORDER BY t.idx`

/** The key of a run's rows in PostgreSQL. */
export type StoredAt = { run_no: number; day: number }

type Turn = { index: number; recordedAt: number; outline: string; preview: string | null; body: string }

/**
 * Copies the turns of a run from SQLite to PostgreSQL. Reads each chunk back and compares it. The caller must have
 * opened a transaction.
 *
 * @returns the number of turns, their hash, and `differs`, which is true if a chunk wasn't read back as it was written.
 */
export async function copyTurns(
  source: SqliteDatabase,
  runNo: number,
  target: Client,
  place: StoredAt,
): Promise<{ turns: number; hash: string; differs: boolean }> {
  const hash = createHash("sha256")
  let copied = 0
  for (;;) {
    const turns = readChunk(source, runNo, copied)
    const [first] = turns
    if (first === undefined) return { turns: copied, hash: hash.digest("hex"), differs: false }
    await insert(target, place, turns)
    const text = JSON.stringify(turns)
    if (first.index !== copied || text !== JSON.stringify(await readBack(target, place, copied)))
      return { turns: copied, hash: "", differs: true }
    hash.update(text)
    copied += turns.length
  }
}

/** Reads turns, starting at an index: as many as fit into a chunk, and at least one. */
function readChunk(source: SqliteDatabase, runNo: number, from: number): Turn[] {
  const first = runNo * TURNS_PER_RUN
  const sizes = source.query(SIZES).all(first + from, first + TURNS_PER_RUN)
  let characters = 0
  const fitting = sizes.filter((size, at) => {
    characters += numberAt(size, 1)
    return at === 0 || characters <= CHUNK_CHARACTERS
  })
  const last = fitting.at(-1)
  if (last === undefined) return []
  return source
    .query(TURNS)
    .all(first + from, numberAt(last, 0))
    .map((columns) => ({
      index: numberAt(columns, 0) - first,
      recordedAt: numberAt(columns, 1),
      outline: textAt(columns, 2),
      preview: typeof columns[3] === "string" ? columns[3] : null,
      body: textAt(columns, 4),
    }))
}

async function insert(target: Client, place: StoredAt, turns: readonly Turn[]): Promise<void> {
  await target.query(sql.INSERT_TURNS, [
    integerArray(turns.map(() => place.day)),
    bigintArray(turns.map(() => place.run_no)),
    integerArray(turns.map((turn) => turn.index)),
    bigintArray(turns.map((turn) => turn.recordedAt)),
    textArray(turns.map((turn) => turn.outline)),
    textArray(turns.map((turn) => turn.preview)),
    textArray(turns.map((turn) => turn.body)),
  ])
}

/** Reads back the last chunk of turns that was written to PostgreSQL. `from`: the index of the chunk's first turn. */
async function readBack(target: Client, place: StoredAt, from: number): Promise<Turn[]> {
  const { rows } = await target.query<{
    idx: number
    recorded_at: number
    outline: string
    preview: string | null
    body: string
  }>(STORED_TURNS, [place.day, place.run_no, from])
  return rows.map(({ idx: index, recorded_at, outline, preview, body }) => ({
    index,
    recordedAt: Number(recorded_at),
    outline,
    preview,
    body,
  }))
}
