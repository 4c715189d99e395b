import type { RunStatus } from "@/lib/protocol/enums"
import type { Clock } from "@/server/platform/Clock"
import type { LiveRuns, LiveView } from "@/server/registry/live/LiveRuns"
import { admitsRun } from "@/server/store/admitsRun"
import { writeListCursor } from "@/server/store/listCursor"
import type { ListPage, ListSort, RunQuery, RunRow, RunStore } from "@/server/store/RunStore"
import {
  comparePlaces,
  placeOf,
  readSortedCursor,
  type SortedPlace,
  sortValue,
  writeSortedCursor,
} from "@/server/store/sortedCursor"

const ENDED: readonly RunStatus[] = ["completed", "incomplete"]
const NEWEST_FIRST: ListSort = { by: "started", order: "desc" }
/** The maximum number of runs in progress that a sorted search finds. */
const MAX_FOUND_LIVE = 5_000

type Entry = { row: RunRow; place: SortedPlace }
type Hits = NonNullable<ListPage["hits"]>

/**
 * Lists runs in any order, in pages. Runs in progress are sorted in memory, because their values change; the store
 * sorts ended runs. Filters must not have relative times.
 */
export class RunLists {
  readonly #store: RunStore
  readonly #live: LiveRuns
  readonly #clock: Clock

  constructor(parts: { store: RunStore; live: LiveRuns; clock: Clock }) {
    this.#store = parts.store
    this.#live = parts.live
    this.#clock = parts.clock
  }

  /** Returns a page of runs. Without a `sort`, the newest runs come first. */
  async page(query: RunQuery): Promise<ListPage> {
    const { filter, before, sort = NEWEST_FIRST } = query
    const isLiveOnly = filter.waiting === true || filter.trouble === true
    if (query.sort === undefined && !isLiveOnly) return this.#store.list(query)
    if (sort.by === "started" && !isLiveOnly) return this.#store.list(query)
    const start = before === undefined ? undefined : readSortedCursor(before, sort)
    if (before !== undefined && start === undefined) return { rows: [] }
    const hits: Hits = {}
    const live = await this.#liveEntries(query, sort, hits)
    const ended = isLiveOnly ? [] : await this.#storedEntries(query, sort, { start, live, hits })
    const sorted = [...live, ...ended]
      .filter(({ place }) => start === undefined || comparePlaces(start, place, sort.order) < 0)
      .sort((a, b) => comparePlaces(a.place, b.place, sort.order))
    const page = sorted.slice(0, query.limit)
    const last = page.at(-1)
    return {
      rows: page.map(({ row }) => row),
      ...(sorted.length > page.length && last && { next: writeSortedCursor(sort, last.place) }),
      ...(query.inTurns && { hits }),
    }
  }

  /** Returns the runs in progress that match a query, with their current sort values. */
  async #liveEntries(query: RunQuery, sort: ListSort, hits: Hits): Promise<Entry[]> {
    const { readers } = query
    const found = await this.#foundLive(query, hits)
    const filter = found === undefined ? query.filter : { ...query.filter, q: undefined }
    const entries: Entry[] = []
    for (const view of this.#live.views()) {
      const { row, isWaiting, isInTrouble } = view
      if ((filter.waiting && !isWaiting) || (filter.trouble && !isInTrouble)) continue
      if (found !== undefined && !found.has(row.run_id)) continue
      if (!admitsRun(row, filter, readers)) continue
      const value = this.#valueOf(view, sort)
      // Runs without a value are listed by `#storedEntries`.
      if (value === undefined && !filter.waiting && !filter.trouble) continue
      entries.push({ row, place: { ...placeOf(row, "started"), value } })
    }
    return entries
  }

  #valueOf({ row, seenAtMs, waitingSinceMs }: LiveView, { by }: ListSort): number | undefined {
    if (by === "waiting_since") return waitingSinceMs
    if (by === "duration") return this.#clock.now() - Date.parse(row.started_at)
    if (by === "last_seen") return seenAtMs ?? sortValue(row, by)
    return sortValue(row, by)
  }

  /** Returns the ids of runs in progress that a search finds; undefined if the query doesn't search in turns. */
  async #foundLive(query: RunQuery, hits: Hits): Promise<ReadonlySet<string> | undefined> {
    const { filter, readers, inTurns } = query
    if (!inTurns || filter.q === undefined) return undefined
    const status: RunStatus[] = ["in_progress"]
    const limit = MAX_FOUND_LIVE
    const page = await this.#store.list({ filter: { ...filter, status }, readers, inTurns, limit })
    Object.assign(hits, page.hits)
    return new Set(page.rows.map((row) => row.run_id))
  }

  /**
   * Returns the next runs from the store. In a list sorted by waiting time, these runs have no waiting time and are
   * sorted newest first.
   */
  async #storedEntries(
    { filter, readers, inTurns = false, limit }: RunQuery,
    sort: ListSort,
    { start, live, hits }: { start: SortedPlace | undefined; live: readonly Entry[]; hits: Hits },
  ): Promise<Entry[]> {
    const byWaiting = sort.by === "waiting_since"
    const statuses = byWaiting ? filter.status : (filter.status ?? ENDED).filter((one) => ENDED.includes(one))
    if (statuses?.length === 0) return []
    const waiting = new Set(byWaiting ? live.map(({ row }) => row.run_id) : [])
    const before = placeInStore(sort, start)
    const page = await this.#store.list({
      readers,
      inTurns,
      filter: statuses === undefined ? filter : { ...filter, status: [...statuses] },
      // Reads one more run than needed, to know whether there is a next page.
      limit: limit + 1 + waiting.size,
      ...(!byWaiting && { sort }),
      ...(before !== undefined && { before }),
    })
    Object.assign(hits, page.hits)
    return page.rows
      .filter((row) => !waiting.has(row.run_id))
      .map((row) => ({
        row,
        place: byWaiting ? { ...placeOf(row, "started"), value: undefined } : placeOf(row, sort.by),
      }))
  }
}

/** Returns the store's cursor for the page that continues a list. */
function placeInStore(sort: ListSort, start: SortedPlace | undefined): string | undefined {
  if (start === undefined) return undefined
  if (sort.by !== "waiting_since") return writeSortedCursor(sort, start)
  if (start.value !== undefined) return undefined
  const started_at = new Date(start.startedAtMs).toISOString()
  return writeListCursor({ started_at, run_id: start.runId })
}
