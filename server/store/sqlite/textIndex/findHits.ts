import { type RunHit, summaryHit, turnHit, wordsForTurns } from "@/server/search/turnHit"
import type { SoughtWord } from "@/server/search/turnWords"
import type { RunRow } from "@/server/store/RunStore"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"
import { CHUNK_TURNS, FIRST_CHUNKS, firstTurnOf, matchOf } from "./SqliteTurnWords"

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
  const runsByWord = new Map<string, { sought: SoughtWord; runIds: string[] }>()
  for (const row of rows) {
    const [sought] = wordsForTurns(row, q)
    const hit = sought === undefined ? summaryHit(row, q) : undefined
    if (hit !== undefined) hits.push([row.run_id, hit])
    if (sought === undefined) continue
    const known = runsByWord.get(sought.word)
    if (known === undefined) runsByWord.set(sought.word, { sought, runIds: [row.run_id] })
    else known.runIds.push(row.run_id)
  }
  let bytesLeft = BYTES_PER_PAGE
  for (const { sought, runIds } of runsByWord.values()) {
    for (const { runId, ...chunk } of firstChunks(db, runIds, sought)) {
      bytesLeft -= numberAt(db.query(BYTES).first(...chunk.ids) ?? [], 0)
      const hit = bytesLeft < 0 ? undefined : hitInChunk(db, chunk, sought)
      if (hit !== undefined) hits.push([runId, hit])
    }
  }
  return Object.fromEntries(hits)
}

/** The turns of a chunk by their keys, from the first to before the last, and the first one's index. */
type Chunk = { ids: [number, number]; first: number }

/** Of each run the first chunk that has the word. One look for all long runs: to gather what begins with a word takes its time. */
function firstChunks(
  db: SqliteDatabase,
  runIds: readonly string[],
  sought: SoughtWord,
): (Chunk & { runId: string })[] {
  const chunks: (Chunk & { runId: string })[] = []
  const longRuns = new Map<number, string>()
  const add = (runId: string, runNo: number, first: number) => {
    const id = runNo * TURNS_PER_RUN + first
    chunks.push({ runId, ids: [id, id + CHUNK_TURNS], first })
  }
  for (const runId of runIds) {
    const run = db.query("SELECT run_no, cursor FROM runs WHERE run_id = ?").first(runId)
    if (run === undefined) continue
    if (numberAt(run, 1) <= CHUNK_TURNS) add(runId, numberAt(run, 0), 0)
    else longRuns.set(numberAt(run, 0), runId)
  }
  if (longRuns.size === 0) return chunks
  for (const found of db.query(FIRST_CHUNKS).all(matchOf(sought), JSON.stringify([...longRuns.keys()]))) {
    add(longRuns.get(numberAt(found, 0)) ?? "", numberAt(found, 0), firstTurnOf(numberAt(found, 1)))
  }
  return chunks
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
