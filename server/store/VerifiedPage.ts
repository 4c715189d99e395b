import type { RunHit } from "@/server/search/turnHit"
import type { ListPage, RunRow } from "./RunStore"

/** The result of checking a candidate: whether the search finds the run, and the match to show. */
export type MatchResult = { isFound: boolean; hit?: RunHit | undefined }

const FOUND: MatchResult = { isFound: true }

/** Checks candidates in order. Reads only a bounded amount of data, so it may return fewer results than rows. */
type Reader = { read(rows: readonly RunRow[]): MatchResult[] }

/** Collects a page of the runs that a search finds among candidates. */
export class VerifiedPage {
  readonly #limit: number
  readonly #write: (row: RunRow) => string
  readonly #found: RunRow[] = []
  readonly #hits = new Map<string, RunHit>()
  /** The last candidate that was checked. */
  last: RunRow | undefined

  /** `write`: returns the cursor for the page after a run. */
  constructor(limit: number, write: (row: RunRow) => string) {
    this.#limit = limit
    this.#write = write
  }

  /** Collects a page. Without a reader, all candidates match. `rowsAfter` returns the next candidates in order. */
  collect(
    reader: Reader | undefined,
    rowsAfter: (last: RunRow | undefined, count: number) => RunRow[],
  ): ListPage {
    for (;;) {
      const rows = rowsAfter(this.last, this.wanted)
      const page = this.take(rows, reader?.read(rows) ?? rows.map(() => FOUND))
      if (page === undefined) continue
      const { hits: _hits, ...withoutHits } = page
      return reader === undefined ? withoutHits : page
    }
  }

  /** The number of candidates to read next. */
  get wanted(): number {
    return this.#limit + 1
  }

  /**
   * Adds candidates with their results. If there are fewer results than rows, the page ends. Returns the page once it
   * is complete.
   */
  take(rows: readonly RunRow[], results: readonly MatchResult[]): ListPage | undefined {
    for (const [at, { isFound, hit }] of results.entries()) {
      const row = rows[at]
      if (row === undefined || this.#found.length > this.#limit) break
      this.last = row
      if (!isFound) continue
      this.#found.push(row)
      if (hit !== undefined) this.#hits.set(row.run_id, hit)
    }
    const end = this.#found[this.#limit - 1]
    if (this.#found.length > this.#limit && end !== undefined)
      return this.#page({ rows: this.#found.slice(0, this.#limit), next: this.#write(end) })
    if (results.length < rows.length && this.last !== undefined)
      return this.#page({ rows: this.#found, next: this.#write(this.last) })
    return rows.length < this.wanted ? this.#page({ rows: this.#found }) : undefined
  }

  #page(page: ListPage): ListPage {
    const hits = page.rows.flatMap(({ run_id }) => {
      const hit = this.#hits.get(run_id)
      return hit === undefined ? [] : [[run_id, hit] as const]
    })
    return { ...page, hits: Object.fromEntries(hits) }
  }
}
