import type { TurnSearchHit, TurnSearchPage } from "@/lib/protocol/catalog"
import type { SearchTurns } from "@/lib/protocol/commands"
import { parseExact } from "@/lib/protocol/exactNumbers"
import type { TurnOutline } from "@/lib/protocol/turn"
import { findInTurn } from "./turnHits"

export type TurnFilter = Pick<SearchTurns, "kinds" | "tools" | "models" | "errors" | "exits" | "min_cost">

/** A search in the turns of a run. */
export type TurnSearchQuery = {
  run_id: string
  /** Folded terms. Without terms, all turns that match the filter are found. */
  terms: readonly string[]
  filter: TurnFilter
  /** The index of the turn that the page starts with. */
  from: number
  limit: number
  /** The number of turns of the run. */
  cursor: number
}

/** How much of a run one search reads, in bytes of JSON. The next page continues from there. */
const SCAN_BYTES = 64 * 1024 * 1024

/** A stored turn, as JSON. */
export type ScannedTurn = { index: number; outline: string; body: string }

/**
 * A search in progress. `range` tells the store which turns to pass to `add`: first `from` and the turns after it, then
 * the turns before `from`, whose hits are only counted.
 */
export class TurnScan {
  readonly #query: TurnSearchQuery
  readonly #hits: TurnSearchHit[] = []
  #total = 0
  #isExact = true
  #next: number | undefined
  #at: number
  #bytesLeft: number
  #hasWrapped = false

  constructor(query: TurnSearchQuery, bytes = SCAN_BYTES) {
    this.#query = query
    this.#at = Math.min(query.from, query.cursor)
    this.#bytesLeft = bytes
  }

  /** Returns the range of turns to read next, `end` exclusive; undefined when the search has finished. */
  range(): { from: number; end: number } | undefined {
    if (!this.#hasWrapped && this.#at >= this.#query.cursor) {
      this.#hasWrapped = true
      this.#at = 0
    }
    const end = this.#hasWrapped ? Math.min(this.#query.from, this.#query.cursor) : this.#query.cursor
    return this.#at < end ? { from: this.#at, end } : undefined
  }

  /** Records that the turns up to `end` were read, and their size. Returns false if the search has reached its limit. */
  advance(end: number, bytes: number): boolean {
    this.#at = end
    this.#bytesLeft -= bytes
    if (this.#bytesLeft > 0 || this.range() === undefined) return true
    this.#isExact = false
    if (!this.#hasWrapped) this.#next ??= end
    return false
  }

  /** Adds a turn of the range, in order. Turns without the terms may be left out. */
  add(turn: ScannedTurn): void {
    const { terms, filter } = this.#query
    if (!admitsTurn(filter, turn.outline)) return
    if (terms.length === 0) {
      this.#found(turn.index, 1, () => [titleHit(turn)])
      return
    }
    const found = findInTurn(parseExact(turn.body), terms)
    if (found === undefined) return
    if (found.isCut) this.#isExact = false
    this.#found(turn.index, found.count, () => found.hits(turn.index))
  }

  page(): TurnSearchPage {
    return {
      hits: this.#hits,
      total: this.#total,
      total_is_exact: this.#isExact,
      ...(this.#next !== undefined && { next: this.#next }),
    }
  }

  #found(index: number, count: number, hits: () => TurnSearchHit[]): void {
    this.#total += count
    if (this.#hasWrapped || this.#next !== undefined) return
    // The hits of a turn aren't split between pages. A page exceeds its limit only if its first turn does.
    const isFull = this.#hits.length > 0 && this.#hits.length + count > this.#query.limit
    if (isFull) this.#next = index
    else this.#hits.push(...hits())
  }
}

function titleHit({ index, outline }: ScannedTurn): TurnSearchHit {
  const { title } = JSON.parse(outline) as TurnOutline
  return { index, field: "title", excerpt: title, ranges: [] }
}

function admitsTurn(filter: TurnFilter, text: string): boolean {
  if (Object.values(filter).every((value) => value === undefined || value === false)) return true
  const outline = JSON.parse(text) as TurnOutline
  const { kinds, tools, models, errors, exits, min_cost } = filter
  if (kinds !== undefined && !kinds.includes(outline.kind)) return false
  if (tools !== undefined && !tools.includes(outline.tool ?? "")) return false
  if (models !== undefined && !models.includes(outline.model ?? "")) return false
  if (errors && outline.error !== true) return false
  if (exits && (outline.exit_code ?? 0) === 0) return false
  return min_cost === undefined || (outline.cost_usd ?? outline.estimated_cost_usd ?? 0) >= min_cost
}
