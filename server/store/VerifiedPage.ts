import type { RunHit } from "@/server/search/turnHit"
import type { RunPage, RunRow } from "./RunStore"

/** Whether a search finds a run, and where. */
export type Verdict = { isFound: boolean; hit?: RunHit | undefined }

const FOUND: Verdict = { isFound: true }

/** Says of runs, in order, whether a search finds them; of fewer than asked once enough was read. */
type Reader = { read(rows: readonly RunRow[]): Verdict[] }

/** Collects a page of runs that a search finds from runs that it may find. */
export class VerifiedPage {
  readonly #limit: number
  readonly #write: (row: RunRow) => string
  readonly #found: RunRow[] = []
  readonly #hits = new Map<string, RunHit>()
  /** The run after which the next ones are wanted. */
  last: RunRow | undefined

  /** `write`: the text of a run's place in the list. */
  constructor(limit: number, write: (row: RunRow) => string) {
    this.#limit = limit
    this.#write = write
  }

  /** The page of rows that a reader finds, or of all rows. `rowsAfter` gives the next ones in the order of the list. */
  collect(
    reader: Reader | undefined,
    rowsAfter: (last: RunRow | undefined, count: number) => RunRow[],
  ): RunPage {
    for (;;) {
      const rows = rowsAfter(this.last, this.wanted)
      const page = this.take(rows, reader?.read(rows) ?? rows.map(() => FOUND))
      if (page === undefined) continue
      const { hits: _hits, ...withoutHits } = page
      return reader === undefined ? withoutHits : page
    }
  }

  /** How many runs are wanted next. */
  get wanted(): number {
    return this.#limit + 1
  }

  /** Takes the next runs and verdicts on them; fewer verdicts than runs if no more are read. Returns the page once it is complete. */
  take(rows: readonly RunRow[], verdicts: readonly Verdict[]): RunPage | undefined {
    for (const [at, { isFound, hit }] of verdicts.entries()) {
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
    if (verdicts.length < rows.length && this.last !== undefined)
      return this.#page({ rows: this.#found, next: this.#write(this.last) })
    return rows.length < this.wanted ? this.#page({ rows: this.#found }) : undefined
  }

  #page(page: RunPage): RunPage {
    const hits = page.rows.flatMap(({ run_id }) => {
      const hit = this.#hits.get(run_id)
      return hit === undefined ? [] : [[run_id, hit] as const]
    })
    return { ...page, hits: Object.fromEntries(hits) }
  }
}
