import type { TurnSearchPage } from "@/lib/protocol/catalog"
import { parseExact } from "@/lib/protocol/exactNumbers"
import type { ResponseUsage } from "@/lib/trace/responseUsage"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { TurnScan, type TurnSearchQuery } from "@/server/search/TurnScan"
import { missingTerms, type RunHit, summaryHit, turnHit } from "@/server/search/turnHit"
import { turnTexts } from "@/server/search/turnTexts"
import { admitsRun, admitsRunOfAnyStatus, admitsSearch, countRuns } from "@/server/store/admitsRun"
import { compareNewestFirst, isAfter, readListCursor, writeListCursor } from "@/server/store/listCursor"
import { placeTurn } from "@/server/store/placeTurn"
import type {
  EncodedTurn,
  ListPage,
  ListSort,
  RunQuery,
  RunRow,
  RunStore,
  TurnPage,
} from "@/server/store/RunStore"
import { comparePlaces, placeOf, readSortedCursor, writeSortedCursor } from "@/server/store/sortedCursor"

type StoredTurn = { recorded_at: string; turn: EncodedTurn }
type StoredBatch = { base_index: number; count: number; recorded_at: string }
/** A run and its turns. */
export type MemoryRun = {
  row: RunRow
  startKey?: string
  turns: StoredTurn[]
  batches: Map<string, StoredBatch>
  responses: Map<string, ResponseUsage>
}

/** The lists, pages and searches of the store in memory. */
export class MemoryReads {
  readonly #runs: ReadonlyMap<string, MemoryRun>

  constructor(runs: ReadonlyMap<string, MemoryRun>) {
    this.#runs = runs
  }

  list(query: RunQuery): ListPage {
    const { readers, before, limit, counts, sort } = query
    if (sort !== undefined) return this.#sorted(query, sort)
    const cursor = before === undefined ? undefined : readListCursor(before)
    if (before !== undefined && cursor === undefined) return { rows: [] }
    const searched = this.#searched(query)
    const filter = searched === undefined ? query.filter : { ...query.filter, q: undefined }
    const all = (searched ?? this.#rows()).filter(
      (row) => admitsRunOfAnyStatus(row, filter, readers) && (query.runIds?.includes(row.run_id) ?? true),
    )
    const rows = all
      .filter((row) => admitsRun(row, filter, readers) && (cursor === undefined || isAfter(row, cursor)))
      .sort(compareNewestFirst)
    const last = rows[limit - 1]
    const page = rows.slice(0, limit)
    return {
      rows: page,
      ...(last !== undefined && rows.length > limit ? { next: writeListCursor(last) } : {}),
      ...(searched && { hits: this.#hits(page, query.filter.q ?? "") }),
      ...(counts && { counts: countRuns(all, counts.failedSince) }),
    }
  }

  #sorted(query: RunQuery, sort: ListSort): ListPage {
    const { readers, before, limit } = query
    const start = before === undefined ? undefined : readSortedCursor(before, sort)
    if (before !== undefined && start === undefined) return { rows: [] }
    const searched = this.#searched(query)
    const filter = searched === undefined ? query.filter : { ...query.filter, q: undefined }
    const places = (searched ?? this.#rows())
      .filter((row) => admitsRun(row, filter, readers))
      .filter((row) => sort.by === "started" || row.status !== "in_progress")
      .map((row) => ({ row, place: placeOf(row, sort.by) }))
      .filter(({ place }) => start === undefined || comparePlaces(start, place, sort.order) < 0)
      .sort((a, b) => comparePlaces(a.place, b.place, sort.order))
    const rows = places.slice(0, limit).map(({ row }) => row)
    const last = places[limit - 1]
    return {
      rows,
      ...(last !== undefined && places.length > limit && { next: writeSortedCursor(sort, last.place) }),
      ...(searched && { hits: this.#hits(rows, query.filter.q ?? "") }),
    }
  }

  count(query: Parameters<RunStore["count"]>[0]) {
    const { filter, readers, failedSince } = query
    return countRuns(
      this.#rows().filter((row) => admitsRunOfAnyStatus(row, filter, readers)),
      failedSince,
    )
  }

  turns(read: Parameters<RunStore["turns"]>[0]): TurnPage {
    const turns: string[] = []
    let bytes = 0
    for (const [at, { recorded_at, turn }] of this.#turnsFrom(read).entries()) {
      const body = read.whole === true ? turn.body : (turn.preview ?? turn.body)
      bytes += Buffer.byteLength(body)
      if (at > 0 && bytes > read.maxBytes) break
      turns.push(placeTurn(read.from + at, recorded_at, body))
    }
    return { from: read.from, turns }
  }

  outlines(read: { run_id: string; from: number; limit: number }): TurnPage {
    const outlines = this.#turnsFrom(read).map(({ recorded_at, turn }, at) =>
      placeTurn(read.from + at, recorded_at, turn.outline),
    )
    return { from: read.from, turns: outlines }
  }

  searchTurns(search: TurnSearchQuery): TurnSearchPage {
    const scan = new TurnScan(search)
    for (let range = scan.range(); range !== undefined; range = scan.range()) {
      const turns = this.#turnsFrom({
        run_id: search.run_id,
        from: range.from,
        limit: range.end - range.from,
      })
      for (const [at, { turn }] of turns.entries()) scan.add({ index: range.from + at, ...turn })
      if (!scan.advance(range.end, 0)) break
    }
    return scan.page()
  }

  /** Returns the runs that a search finds; undefined if the query doesn't search in turns. */
  #searched({ filter: { q }, inTurns }: RunQuery): RunRow[] | undefined {
    if (!inTurns || q === undefined) return undefined
    return this.#rows().filter((row) => admitsSearch(row, q, () => this.#textsOf(row.run_id)))
  }

  *#textsOf(runId: string): Generator<string> {
    for (const { turn } of this.#runs.get(runId)?.turns ?? []) {
      for (const { text } of turnTexts(parseExact(turn.body))) yield foldText(shownText(text))
    }
  }

  #hits(rows: readonly RunRow[], q: string): Record<string, RunHit> {
    const hits: [string, RunHit][] = []
    for (const row of rows) {
      const terms = foldedTerms(q)
      const [missing] = missingTerms(row, terms)
      const turns = this.#runs.get(row.run_id)?.turns ?? []
      const inTurns = turns.map(({ turn }, at) => missing && turnHit(turn.body, at, missing))
      const hit = missing === undefined ? summaryHit(row, terms) : inTurns.find(Boolean)
      if (hit) hits.push([row.run_id, hit])
    }
    return Object.fromEntries(hits)
  }

  #turnsFrom(read: { run_id: string; from: number; limit: number }): StoredTurn[] {
    return this.#runs.get(read.run_id)?.turns.slice(read.from, read.from + read.limit) ?? []
  }

  #rows(): RunRow[] {
    return [...this.#runs.values()].map((entry) => entry.row)
  }
}
