import { foldedTerms } from "@/lib/trace/search/searchTerms"
import type { RunQuery } from "@/server/store/RunStore"
import {
  countWalk,
  listWalks,
  OWN_TEXTS,
  type Walk,
  type Where,
  whereText,
} from "@/server/store/sqlite/filterSql"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { AttachedIndex } from "./AttachedIndex"
import { type FoundTerm, lookUpTerm, RUNS_WITH_WORDS } from "./lookUpTerm"
import { RunVerifier } from "./RunVerifier"

/** The candidates of a search: scans for the page, a scan for the counts, and the reader that verifies them. */
export type Found = { walks: Walk[]; all: Walk; reader: RunVerifier }

/** Searches in turns. Candidates are collected once, for the page and the counts. */
export class SqliteSearch {
  readonly #db: SqliteDatabase
  readonly #index: AttachedIndex

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#index = new AttachedIndex(db)
  }

  /** Finds the candidates of a search; undefined if the query isn't a search in turns, or if there is no index. */
  find({ filter: { q, ...filter }, readers, inTurns, runIds }: RunQuery): Found | undefined {
    const terms = inTurns && q !== undefined ? foldedTerms(q) : []
    if (terms.length === 0 || !this.#index.attached()) return undefined
    const { from, where } = countWalk({ filter, readers, ...(runIds && { runIds }) })
    try {
      const found = terms.map((term) => lookUpTerm(this.#db, term))
      const words = whereFound(found)
      const conditions = whereText([...where.conditions, ...words.conditions])
      this.#db.exec(
        "PRAGMA query_only = OFF; CREATE TABLE IF NOT EXISTS temp.matched (run_no INTEGER PRIMARY KEY)",
      )
      this.#db.exec("DELETE FROM temp.matched")
      this.#db
        .query(`INSERT INTO temp.matched SELECT r.run_no FROM ${from} ${conditions}`)
        .run(...where.values, ...words.values)
      const status = filter.status === undefined ? {} : { status: filter.status }
      return {
        walks: listWalks({ filter: status, readers: ["*"] }).map(among),
        all: among(countWalk({ filter: {}, readers: ["*"] })),
        reader: new RunVerifier(this.#db, found),
      }
    } catch {
      // The index is damaged. The indexer creates a new one.
      return undefined
    } finally {
      this.#db.exec("PRAGMA query_only = ON")
    }
  }

  /** Removes runs that don't match from the candidates. */
  drop(runIds: readonly string[]): void {
    if (runIds.length === 0) return
    const sql =
      "DELETE FROM temp.matched WHERE run_no IN (SELECT run_no FROM runs WHERE run_id IN (SELECT value FROM json_each(?)))"
    try {
      this.#db.exec("PRAGMA query_only = OFF")
      this.#db.query(sql).run(JSON.stringify(runIds))
    } finally {
      this.#db.exec("PRAGMA query_only = ON")
    }
  }
}

/** Returns the condition that each term is in the run's own texts or in its turns. */
function whereFound(terms: readonly FoundTerm[]): Where {
  const where: Where = { conditions: [], values: [] }
  const own = `instr(${OWN_TEXTS}, ?) > 0`
  for (const { term, match } of terms) {
    if (match === undefined) continue
    // Checks the words of turns first, because a run's own texts take longer to read.
    where.conditions.push(match === null ? own : `(r.run_no IN (${RUNS_WITH_WORDS}) OR ${own})`)
    where.values.push(...(match === null ? [term] : [match, term]))
  }
  return where
}

/** Restricts a scan to the candidates. */
function among({ from, where }: Walk): Walk {
  return {
    from,
    where: { ...where, conditions: [...where.conditions, "r.run_no IN (SELECT run_no FROM temp.matched)"] },
  }
}
