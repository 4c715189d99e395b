import type { TurnSearchPage } from "@/lib/protocol/catalog"
import { mayHaveTerms } from "@/server/search/mayHaveTerms"
import { isStorable } from "@/server/search/searchText"
import { TurnScan, type TurnSearchQuery } from "@/server/search/TurnScan"
import { numberAt, type SqlRow, type SqlValue, textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"

/** Limits of one statement. */
const TURNS_PER_STEP = 512
const BYTES_PER_STEP = 4 * 1024 * 1024

const TURNS = "FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id >= ? AND t.id < ?"
const SIZES = `SELECT octet_length(b.body) ${TURNS} ORDER BY t.id`
const OUTLINES = "SELECT id, outline FROM turns WHERE id >= ? AND id < ? ORDER BY id"

/** Searches the turns of a run by reading them in steps. */
export function searchSqliteTurns(db: SqliteDatabase, search: TurnSearchQuery): TurnSearchPage {
  const scan = new TurnScan(search)
  const run = isStorable(search.run_id)
    ? db.query("SELECT run_no FROM runs WHERE run_id = ?").first(search.run_id)
    : undefined
  if (run === undefined) return { hits: [], total: 0, total_is_exact: true }
  const zero = numberAt(run, 0) * TURNS_PER_RUN
  const may = mayHaveTerms(search.terms)
  const select = `SELECT t.id, t.outline, b.body ${TURNS} ${conditions(may)} ORDER BY t.id`
  for (let range = scan.range(); range !== undefined; range = scan.range()) {
    const first = zero + range.from
    const until = Math.min(zero + range.end, first + TURNS_PER_STEP)
    if (search.terms.length === 0) {
      for (const row of db.query(OUTLINES).all(first, until)) scan.add(turnOf(row, zero, ""))
      if (!scan.advance(until - zero, 0)) break
      continue
    }
    const step = fitting(db.query(SIZES).all(first, until), until - first)
    const rows = db.query(select).all(first, first + step.turns, ...values(may))
    for (const row of rows) scan.add(turnOf(row, zero, textAt(row, 2)))
    if (!scan.advance(range.from + step.turns, step.bytes)) break
  }
  return scan.page()
}

type MayHave = ReturnType<typeof mayHaveTerms>

/**
 * Returns the conditions on a turn's JSON. Turns with color codes are always read, because a code may interrupt a
 * word.
 */
function conditions({ ascii, wide }: MayHave): string {
  const all = [
    ...ascii.map(() => "instr(lower(b.body), ?) > 0"),
    ...(wide ? ["octet_length(b.body) > length(b.body)"] : []),
  ]
  return all.length === 0 ? "" : `AND ((${all.join(" AND ")}) OR instr(b.body, ?) > 0)`
}

function values({ ascii, wide, coded }: MayHave): SqlValue[] {
  return ascii.length > 0 || wide ? [...ascii, coded] : []
}

/** Returns how many of the next turns to read together, and their size. */
function fitting(sizes: readonly SqlRow[], turns: number): { turns: number; bytes: number } {
  let bytes = 0
  for (const [at, size] of sizes.entries()) {
    if (at > 0 && bytes + numberAt(size, 0) > BYTES_PER_STEP) return { turns: at, bytes }
    bytes += numberAt(size, 0)
  }
  return { turns, bytes }
}

function turnOf(row: SqlRow, zero: number, body: string) {
  return { index: numberAt(row, 0) - zero, outline: textAt(row, 1), body }
}
