import { matchesAgent, type Principal, readPatterns } from "@/lib/protocol/access"
import type { CommandPayload, ListedRun, Reply } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import type { ListRuns } from "@/lib/protocol/commands"
import { parseExact, stringifyExact } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunRecord, RunSummary } from "@/lib/protocol/run"
import type { RunTurn, TurnOutline } from "@/lib/protocol/turn"
import { resolveFilter } from "@/lib/trace/resolveFilter"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { ListPage, RunQuery, RunRow, RunStore } from "@/server/store/RunStore"
import { type DatedCounts, RunCounter } from "./lists/RunCounter"
import { RunLists } from "./lists/RunLists"
import { unknownAgent } from "./lists/unknownAgent"
import type { LiveRuns } from "./live/LiveRuns"
import { NO_REMOTE_RUNS, type RemoteRuns } from "./live/RemoteRun"
import { notFound, unavailable } from "./refusals"
import { endedRecord, startedRecord, turnRecordText } from "./runRecords"

const LIST_LIMIT = 50
const PAGE_LIMIT = 1_000
const SEARCH_LIMIT = 100

/**
 * Reads runs for callers that may read them. Combines stored rows with live data. Runs that don't exist and runs that
 * the caller may not read cause the same look-up and the same reply.
 */
export class RunQueries {
  readonly #store: RunStore
  readonly #live: LiveRuns
  readonly #clock: Clock
  readonly #counter: RunCounter
  readonly #lists: RunLists
  readonly #remote: RemoteRuns

  constructor(parts: { store: RunStore; live: LiveRuns; clock: Clock; remoteRuns?: RemoteRuns | undefined }) {
    this.#remote = parts.remoteRuns ?? NO_REMOTE_RUNS
    this.#store = parts.store
    this.#live = parts.live
    this.#clock = parts.clock
    this.#counter = new RunCounter(parts)
    this.#lists = new RunLists(parts)
  }

  /**
   * Returns a page of runs, newest first or sorted, and the counts of all runs that match the filter. A search for `q`
   * includes turns; `hit` is the matching text.
   */
  async list(principal: Principal, payload: ListRuns): Promise<Reply<"runs.list">> {
    const { failed_since: failedSince, before, limit = LIST_LIMIT, sort: by, order, ...given } = payload
    const readers = readPatterns(principal)
    const filter = resolveFilter(given, this.#clock.now())
    const isSorted = by !== undefined || order !== undefined
    const query: RunQuery = {
      ...{ readers, filter, limit },
      ...(isSorted && { sort: { by: by ?? "started", order: order ?? "desc" } }),
      ...(before !== undefined && { before }),
      ...(filter.q !== undefined && { inTurns: true }),
    }
    try {
      await this.#remote.refresh()
      const [page, { counts, areExact }] = query.inTurns
        ? await this.#searched(query, failedSince)
        : await Promise.all([this.#lists.page(query), this.counts(principal, payload, 0)])
      if (page.rows.length === 0 && before === undefined && filter.agent !== undefined) {
        const refusal = await unknownAgent(this.#store, readers, filter.agent)
        if (refusal !== undefined) return refusal
      }
      const hits = new Map(Object.entries(page.hits ?? {}))
      return {
        ok: true,
        runs: page.rows.map((row) => withHit(this.#live.summarize(row), hits.get(row.run_id))),
        ...(page.next !== undefined && { next: page.next }),
        counts,
        ...(!areExact && { counts_are_exact: false as const }),
        server_time: isoTime(this.#clock.now()),
      }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /**
   * Searches runs. The store counts all matches during the search. A page that the store can't list needs a separate
   * search.
   */
  async #searched(
    query: RunQuery,
    failedSince: string | undefined,
  ): Promise<[ListPage, Omit<DatedCounts, "at">]> {
    const since = failedSince === undefined ? {} : { failedSince }
    const { sort, before, ...unsorted } = query
    // Only live data shows which runs are waiting or in trouble, so the store can't list these runs.
    const isStorePage = sort === undefined && !query.filter.waiting && !query.filter.trouble
    const found = await this.#store.list({
      ...(isStorePage ? query : { ...unsorted, limit: 1 }),
      counts: since,
    })
    const page = isStorePage ? found : await this.#lists.page(query)
    const counts = found.counts ?? { in_progress: 0, completed: 0, incomplete: 0, failed: 0 }
    const areExact = found.countsAreExact !== false
    return [page, { counts: await this.#counter.complete({ ...query, ...since }, counts), areExact }]
  }

  /**
   * Returns the runs, out of `runIds`, that a search in summaries and turns finds. Rejects with
   * `StoreUnavailableError`.
   */
  async search(principal: Principal, payload: ListRuns, runIds: readonly string[]): Promise<string[]> {
    const {
      failed_since: _since,
      before: _before,
      limit: _limit,
      sort: _sort,
      order: _order,
      ...given
    } = payload
    const filter = resolveFilter(given, this.#clock.now())
    const query = { readers: readPatterns(principal), filter, runIds, inTurns: true, limit: runIds.length }
    const { rows } = await this.#store.list(query)
    return rows.map((row) => row.run_id)
  }

  /** Returns a run if it exists and the caller may read it. Rejects with `StoreUnavailableError`. */
  async get(principal: Principal, run_id: string): Promise<RunSummary | undefined> {
    const [row] = await Promise.all([this.#visible(principal, run_id), this.#remote.load(run_id)])
    return row === undefined ? undefined : this.#live.summarize(row)
  }

  /** Returns the runs with these ids that exist. Doesn't check permissions. Rejects with `StoreUnavailableError`. */
  async summaries(run_ids: readonly string[]): Promise<RunSummary[]> {
    const stored = run_ids.filter((run_id) => this.#live.get(run_id) === undefined)
    const read = stored.length === 0 ? [] : ([this.#store.getMany(stored), this.#remote.refresh()] as const)
    const [rows = []] = await Promise.all(read)
    const found = new Map(rows.map((row) => [row.run_id, row]))
    return run_ids.flatMap((run_id) => {
      const row = this.#live.get(run_id)?.row ?? found.get(run_id)
      return row === undefined ? [] : [this.#live.summarize(row)]
    })
  }

  /** Returns a run's progress. */
  progressOf(run_id: string): Progress | undefined {
    return this.#live.progressOf(run_id)
  }

  /**
   * Returns counts, at most `maxAgeMs` old. Ignores the filter's `status`, `waiting` and `trouble`. Rejects with
   * `StoreUnavailableError`.
   */
  counts(principal: Principal, payload: ListRuns, maxAgeMs: number): Promise<DatedCounts> {
    const { failed_since: failedSince, before: _b, limit: _l, sort: _s, order: _o, ...filter } = payload
    const readers = readPatterns(principal)
    return this.#counter.count(
      { readers, filter, ...(failedSince !== undefined && { failedSince }) },
      maxAgeMs,
    )
  }

  /** Returns a page of records, with previews of turns. */
  async getTrace(
    principal: Principal,
    payload: CommandPayload<"runs.get_trace">,
  ): Promise<Reply<"runs.get_trace">> {
    const { run_id, cursor: from = 0, limit = PAGE_LIMIT } = payload
    try {
      const row = await this.#visible(principal, run_id)
      if (row === undefined) return notFound()
      const { turns } = await this.#store.turns({
        run_id,
        from,
        limit: Math.max(0, Math.min(limit, row.cursor - from)),
        maxBytes: LIMITS.pageBytes,
      })
      const next = from + turns.length
      const isLast = next >= row.cursor || turns.length === 0
      const ended = isLast ? endedRecord(row) : undefined
      const records: RunRecord[] = [
        ...(from === 0 ? [startedRecord(row)] : []),
        ...turns.map((turn) => parseExact(turnRecordText(turn)) as RunRecord),
        ...(ended === undefined ? [] : [ended]),
      ]
      const { agent_id, cursor } = row
      return { ok: true, run_id, agent_id, records, cursor, ...(!isLast && { next }) }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Returns a single complete turn. */
  async getTurn(
    principal: Principal,
    payload: CommandPayload<"runs.get_turn">,
  ): Promise<Reply<"runs.get_turn">> {
    const { run_id, index } = payload
    try {
      const row = await this.#visible(principal, run_id)
      if (row === undefined) return notFound()
      const page = await this.#store.turns({ run_id, from: index, limit: 1, maxBytes: 1, whole: true })
      const [turn] = page.turns
      if (turn === undefined) return { ok: false, error: wireError("not_found", "The turn doesn't exist.") }
      return { ok: true, run_id, turn: parseExact(turn) as RunTurn }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Returns the outlines of turns: those starting at `from` or, without `from`, the newest ones. */
  async getOutline(
    principal: Principal,
    payload: CommandPayload<"runs.get_outline">,
  ): Promise<Reply<"runs.get_outline">> {
    const { run_id, limit = PAGE_LIMIT } = payload
    try {
      const row = await this.#visible(principal, run_id)
      if (row === undefined) return notFound()
      const from = payload.from ?? Math.max(0, row.cursor - limit)
      const page = await this.#store.outlines({ run_id, from, limit })
      const outline = page.turns.map((text) => JSON.parse(text) as TurnOutline)
      // Turns may have been stored since the row was read.
      const cursor = Math.max(row.cursor, outline.length === 0 ? 0 : from + outline.length)
      return { ok: true, run_id, from, outline, cursor }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Searches the turns of a run. */
  async searchTurns(
    principal: Principal,
    payload: CommandPayload<"runs.search_turns">,
  ): Promise<Reply<"runs.search_turns">> {
    const { run_id, q = "", from = 0, limit = SEARCH_LIMIT, ...filter } = payload
    try {
      const row = await this.#visible(principal, run_id)
      if (row === undefined) return notFound()
      const search = { run_id, terms: foldedTerms(q), filter, from, limit, cursor: row.cursor }
      return { ok: true, run_id, ...(await this.#store.searchTurns(search)) }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /**
   * Returns the complete current trace, as JSON per record. Undefined for unknown runs and for runs that the principal
   * may not read.
   */
  async exportRecords(principal: Principal, run_id: string): Promise<AsyncIterable<string> | undefined> {
    const row = await this.#visible(principal, run_id)
    return row === undefined ? undefined : this.#records(row)
  }

  async *#records(row: RunRow): AsyncGenerator<string> {
    yield stringifyExact(startedRecord(row))
    for (let from = 0; from < row.cursor; ) {
      const limit = Math.min(PAGE_LIMIT, row.cursor - from)
      const read = { run_id: row.run_id, from, limit, maxBytes: LIMITS.pageBytes, whole: true }
      const { turns } = await this.#store.turns(read)
      // A truncated export must not look complete.
      if (turns.length === 0) throw new Error("The run was deleted while it was being exported.")
      for (const turn of turns) yield turnRecordText(turn)
      from += turns.length
    }
    const ended = endedRecord(row)
    if (ended !== undefined) yield stringifyExact(ended)
  }

  async #visible(principal: Principal, run_id: string): Promise<RunRow | undefined> {
    const row = await this.#store.get(run_id)
    return row !== undefined && matchesAgent(readPatterns(principal), row.agent_id) ? row : undefined
  }
}

function withHit(run: RunSummary, hit: ListedRun["hit"]): ListedRun {
  return hit === undefined ? run : { ...run, hit }
}
