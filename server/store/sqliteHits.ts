import type { RunRow } from "./RunStore"
import { numberAt, textAt } from "./sqliteBind"
import type { SqliteDatabase } from "./sqliteDatabase"
import { TURNS_PER_RUN } from "./sqliteSchema"
import { CHUNK_TURNS, CHUNK_WITH_WORD, chunksOfRun, firstTurnOf, matchOf } from "./sqliteTurnWords"
import { type RunHit, summaryHit, turnHit, wordsForTurns } from "./textHit"
import type { SoughtWord } from "./turnWords"

/** How much of turns is read for the hits of one page. */
const BYTES_PER_PAGE = 32 * 1024 * 1024

const CHUNK = "FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id >= ? AND t.id < ?"
const BYTES = `SELECT coalesce(sum(octet_length(b.body)), 0) ${CHUNK}`
const ALL = `SELECT t.id ${CHUNK} ORDER BY t.id`
const WITH_WORD = `SELECT t.id ${CHUNK} AND instr(lower(b.body), ?) > 0 ORDER BY t.id`
const BODY = "SELECT b.body FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id = ?"

/** Where each run of a page was found by a search. */
export function findHits(db: SqliteDatabase, rows: readonly RunRow[], q: string): Record<string, RunHit> {
  const hits: [string, RunHit][] = []
  let bytesLeft = BYTES_PER_PAGE
  for (const row of rows) {
    const [sought] = wordsForTurns(row, q)
    if (sought === undefined) {
      const hit = summaryHit(row, q)
      if (hit !== undefined) hits.push([row.run_id, hit])
      continue
    }
    const chunk = chunkWithWord(db, row.run_id, sought)
    if (chunk === undefined) continue
    bytesLeft -= numberAt(db.query(BYTES).first(...chunk.ids) ?? [], 0)
    const hit = bytesLeft < 0 ? undefined : hitInChunk(db, chunk, sought)
    if (hit !== undefined) hits.push([row.run_id, hit])
  }
  return Object.fromEntries(hits)
}

/** The turns of a chunk by their keys, from the first to before the last, and the first one's index. */
type Chunk = { ids: [number, number]; first: number }

function chunkWithWord(db: SqliteDatabase, runId: string, sought: SoughtWord): Chunk | undefined {
  const run = db.query("SELECT run_no FROM runs WHERE run_id = ?").first(runId)
  const runNo = run === undefined ? 0 : numberAt(run, 0)
  const found = db.query(CHUNK_WITH_WORD).first(matchOf(sought), ...chunksOfRun(runNo))
  if (found === undefined) return undefined
  const first = firstTurnOf(numberAt(found, 0))
  const id = runNo * TURNS_PER_RUN + first
  return { ids: [id, id + CHUNK_TURNS], first }
}

function hitInChunk(db: SqliteDatabase, { ids, first }: Chunk, sought: SoughtWord): RunHit | undefined {
  // SQLite knows lower case for ASCII alone, in which words have no escapes in JSON either.
  const isAscii = /^[a-z0-9]+$/.test(sought.word)
  const turns = isAscii ? db.query(WITH_WORD).all(...ids, sought.word) : db.query(ALL).all(...ids)
  for (const turn of turns) {
    const id = numberAt(turn, 0)
    const body = db.query(BODY).first(id)
    const hit = body && turnHit(textAt(body, 0), first + id - ids[0], sought)
    if (hit !== undefined) return hit
  }
  return undefined
}
