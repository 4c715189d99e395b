import type { TurnSearchPage } from "@/lib/protocol/catalog"
import { mayHaveTerms } from "@/server/search/mayHaveTerms"
import { TurnScan, type TurnSearchQuery } from "@/server/search/TurnScan"
import type { SqlRow } from "@/server/store/postgres/runRow"

type Query = (text: string, values: readonly unknown[]) => Promise<SqlRow[]>

/** Limits of one statement. They bound how long parsing blocks the event loop. */
const TURNS_PER_STEP = 256
const BYTES_PER_STEP = 1024 * 1024

const OUTLINES = `SELECT t.idx, t.outline FROM runs r JOIN turns t ON t.day = r.day AND t.run_no = r.run_no
  WHERE r.run_id = $1 AND t.idx >= $2 AND t.idx < $3 ORDER BY t.idx`

/** Searches the turns of a run by reading them in steps. Bodies without the terms aren't sent by the database. */
export async function searchPostgresTurns(query: Query, search: TurnSearchQuery): Promise<TurnSearchPage> {
  const scan = new TurnScan(search)
  const { text, values } = bodiesWith(search.terms)
  for (let range = scan.range(); range !== undefined; range = scan.range()) {
    const until = Math.min(range.end, range.from + TURNS_PER_STEP)
    const place = [search.run_id, range.from, until]
    if (search.terms.length === 0) {
      for (const [index, outline] of await query(OUTLINES, place))
        scan.add({ index: Number(index), outline: String(outline), body: "" })
      if (!scan.advance(until, 0)) break
      continue
    }
    const rows = await query(text, [...place, BYTES_PER_STEP, ...values])
    let bytes = 0
    for (const [index, outline, size, body] of rows) {
      bytes += Number(size)
      if (body !== null) scan.add({ index: Number(index), outline: String(outline), body: String(body) })
    }
    // If there are no rows, the run was deleted in the meantime.
    if (rows.length === 0 || !scan.advance(range.from + rows.length, bytes)) break
  }
  return scan.page()
}

/**
 * Returns a statement that selects turns and the sizes of their bodies. It selects a body only if the body may have the
 * terms. `OFFSET 0` makes the planner look up each outline by its whole key, even in a new partition without
 * statistics.
 */
function bodiesWith(terms: readonly string[]): { text: string; values: string[] } {
  const { ascii, wide, coded } = mayHaveTerms(terms)
  const values = [...ascii, coded]
  const conditions = ascii.map((_, at) => `position($${5 + at} in lower(p.body COLLATE "C")) > 0`)
  if (wide) conditions.push("octet_length(p.body) > length(p.body)")
  const all = conditions.length === 0 ? "true" : conditions.join(" AND ")
  const text = `SELECT p.idx, t.outline, p.size,
      CASE WHEN (${all}) OR position($${4 + values.length} in p.body) > 0 THEN p.body END
    FROM (SELECT b.day, b.run_no, b.idx, b.body, octet_length(b.body) AS size,
        sum(octet_length(b.body)) OVER (ORDER BY b.idx) - octet_length(b.body) AS before
      FROM runs r JOIN bodies b ON b.day = r.day AND b.run_no = r.run_no
      WHERE r.run_id = $1 AND b.idx >= $2 AND b.idx < $3) p
    CROSS JOIN LATERAL (SELECT outline FROM turns
      WHERE day = p.day AND run_no = p.run_no AND idx = p.idx OFFSET 0) t
    WHERE p.before < $4 ORDER BY p.idx`
  return { text, values }
}
