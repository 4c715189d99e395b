import type { RunPage, RunQuery, RunRow } from "@/server/store/RunStore"
import { countWalk, listWalks, type Walk, whereInTurns, whereText } from "@/server/store/sqlite/filterSql"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { AttachedIndex } from "./AttachedIndex"
import { findHits } from "./findHits"

/** What a search found: ways through its runs for the page, and one through all of them for the counts. */
type Found = { q: string; walks: Walk[]; all: Walk }

/** Searches that include turns. What one finds is collected once, for the page and for the counts. */
export class SqliteSearch {
  readonly #db: SqliteDatabase
  readonly #index: AttachedIndex

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#index = new AttachedIndex(db)
  }

  /** Finds the runs of a search through turns. Undefined if the query doesn't search turns or the index is missing; then only the runs' own texts are searched. */
  find({ filter: { q, ...filter }, readers, inTurns }: RunQuery): Found | undefined {
    const words = inTurns && q !== undefined ? whereInTurns(q) : undefined
    if (words === undefined || q === undefined || !this.#index.attached()) return undefined
    const { from, where } = countWalk({ filter, readers })
    const conditions = whereText([...where.conditions, ...words.conditions])
    try {
      this.#db.exec(
        "PRAGMA query_only = OFF; CREATE TABLE IF NOT EXISTS temp.matched (run_no INTEGER PRIMARY KEY)",
      )
      this.#db.exec("DELETE FROM temp.matched")
      this.#db
        .query(`INSERT INTO temp.matched SELECT r.run_no FROM ${from} ${conditions}`)
        .run(...where.values, ...words.values)
    } catch {
      // A damaged index: the one that writes it makes another.
      return undefined
    } finally {
      this.#db.exec("PRAGMA query_only = ON")
    }
    const status = filter.status === undefined ? {} : { status: filter.status }
    return {
      q,
      walks: listWalks({ filter: status, readers: ["*"] }).map(among),
      all: among(countWalk({ filter: {}, readers: ["*"] })),
    }
  }

  /** Where each run of a page was found. */
  hits(rows: readonly RunRow[], q: string): NonNullable<RunPage["hits"]> {
    try {
      return findHits(this.#db, rows, q)
    } catch {
      return {}
    }
  }
}

/** A walk through the runs that were found alone. */
function among({ from, where }: Walk): Walk {
  return {
    from,
    where: { ...where, conditions: [...where.conditions, "r.run_no IN (SELECT run_no FROM temp.matched)"] },
  }
}
