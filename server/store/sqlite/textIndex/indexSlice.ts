import { addTurnWords } from "@/server/search/turnWords"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"
import { chunkOf, firstTurnOf, type SqliteTurnWords } from "./SqliteTurnWords"

/** Limits of one transaction, so that calls to this thread don't wait long. */
const TURNS_PER_SLICE = 512
const BYTES_PER_SLICE = 2 * 1024 * 1024
const TURNS_PER_READ = 64

const TURNS = "FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id >= ? AND t.id < ? ORDER BY t.id"

/** Thrown when an index has more turns of a run than the database has: it must belong to another database. */
export class IndexAheadError extends Error {
  override readonly name = "IndexAheadError"
}

/**
 * Indexes some turns of the runs in `due`, in one transaction. Removes runs from `due` when all their turns are
 * indexed.
 */
export function indexSlice(source: SqliteDatabase, words: SqliteTurnWords, due: Set<number>): void {
  const chunks = new Map<number, Set<string>>()
  const cursors = new Map<number, number>()
  const done: number[] = []
  let [turnsLeft, bytesLeft] = [TURNS_PER_SLICE, BYTES_PER_SLICE]
  for (const runNo of due) {
    if (turnsLeft <= 0 || bytesLeft <= 0) break
    const end = cursorInStore(source, runNo)
    let cursor = words.cursor(runNo)
    // A deleted run has no cursor. `forgetChunk` removes it from the index.
    if (end !== undefined && cursor > end) throw new IndexAheadError()
    for (const body of bodies(source, runNo, cursor, Math.min(end ?? 0, cursor + turnsLeft))) {
      const chunk = chunkOf(runNo, cursor)
      const found = chunks.get(chunk) ?? new Set()
      addTurnWords(found, body)
      chunks.set(chunk, found)
      cursors.set(runNo, ++cursor)
      turnsLeft -= 1
      bytesLeft -= body.length
      if (bytesLeft <= 0) break
    }
    if (cursor >= (end ?? 0)) done.push(runNo)
  }
  words.db.transaction(() => {
    words.add(chunks)
    for (const [runNo, cursor] of cursors) words.setCursor(runNo, cursor)
  })
  for (const runNo of done) due.delete(runNo)
}

/** Removes the words of a deleted run's last chunk from the index. Returns false if the index has none. */
export function forgetChunk(source: SqliteDatabase, words: SqliteTurnWords, runNo: number): boolean {
  const cursor = words.cursor(runNo)
  if (cursor === 0) return false
  const chunk = chunkOf(runNo, cursor - 1)
  const found = new Set<string>()
  for (const body of bodies(source, runNo, firstTurnOf(chunk), cursor)) addTurnWords(found, body)
  // A chunk that was filled by several transactions may have a word several times.
  for (let left: ReadonlySet<string> = found; left.size > 0; left = words.left(chunk, left)) {
    words.db.transaction(() => words.remove(chunk, left))
  }
  words.db.transaction(() => {
    words.forgetUnused(found)
    words.setCursor(runNo, firstTurnOf(chunk))
  })
  return true
}

function cursorInStore(source: SqliteDatabase, runNo: number): number | undefined {
  const columns = source.query("SELECT cursor FROM runs WHERE run_no = ?").first(runNo)
  return columns && numberAt(columns, 0)
}

/** Returns the bodies of a run's turns. Reads a few at a time, so that read transactions are short. */
function* bodies(source: SqliteDatabase, runNo: number, from: number, end: number): Generator<string> {
  for (let at = from; at < end; ) {
    const first = runNo * TURNS_PER_RUN + at
    const upTo = first + Math.min(TURNS_PER_READ, end - at)
    const sizes = source.query(`SELECT octet_length(b.body) ${TURNS}`).all(first, upTo)
    let [count, bytes] = [0, 0]
    for (const size of sizes) {
      bytes += numberAt(size, 0)
      if (count > 0 && bytes > BYTES_PER_SLICE) break
      count += 1
    }
    if (count === 0) return
    for (const row of source.query(`SELECT b.body ${TURNS}`).all(first, first + count)) yield textAt(row, 0)
    at += count
  }
}
