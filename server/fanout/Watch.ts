import { matchesAgent, type Principal, readPatterns } from "@/lib/protocol/access"
import type { ListRuns } from "@/lib/protocol/commands"
import type { RegistryEvent } from "@/lib/protocol/events"
import type { RunSummary } from "@/lib/protocol/run"
import { matchesFilter } from "@/lib/trace/matchesFilter"
import { resolveFilter } from "@/lib/trace/resolveFilter"
import type { Clock } from "@/server/platform/Clock"
import type { Subscriber } from "./Subscriber"

/** How many times a run is searched after a change, and the maximum number of runs that wait for a search. */
const SEARCHES_PER_CHANGE = 3
const MAX_SEARCHES = 500

/** The counts in an event for a viewer. */
export type ViewedCounts = Pick<RegistryEvent, "counts" | "counts_are_exact">

/** A watched list: its filter, the runs that the viewer has, and the runs that have changed since the last event. */
export class Watch {
  readonly subscriber: Subscriber
  readonly principal: Principal
  readonly payload: ListRuns
  readonly #readers: readonly string[]
  readonly #maxRuns: number
  readonly #clock: Clock
  readonly #changed = new Set<string>()
  /** The runs that the viewer has, with their start times in milliseconds since the epoch. */
  readonly #listed = new Map<string, number>()
  /** Runs that a search has found by the words of their turns. */
  readonly #found = new Set<string>()
  /** Runs to search, with the number of searches left: a stored turn becomes searchable only after some time. */
  readonly #searches = new Map<string, number>()
  searchTimer: unknown
  /** The counts that the viewer has. */
  counts: ViewedCounts | undefined
  /** The last time at which the counts may have changed. */
  countsChangedAt = Number.NEGATIVE_INFINITY
  /** When the counts that the viewer has were counted. */
  countedAt = Number.NEGATIVE_INFINITY
  isOpen = false
  isFlushing = false
  isBlocked = false
  nextAt = Number.NEGATIVE_INFINITY
  timer: unknown
  timerAt = Number.POSITIVE_INFINITY
  /** The timer that removes runs that have become too old for the filter's relative time. */
  ageTimer: unknown

  constructor(
    subscriber: Subscriber,
    principal: Principal,
    payload: ListRuns,
    { maxRuns, clock }: { maxRuns: number; clock: Clock },
  ) {
    this.#clock = clock
    this.subscriber = subscriber
    this.principal = principal
    this.payload = payload
    this.#readers = readPatterns(principal)
    this.#maxRuns = maxRuns
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0
  }

  get hasOldCounts(): boolean {
    return this.countsChangedAt >= this.countedAt
  }

  mayRead(agent_id: string): boolean {
    return matchesAgent(this.#readers, agent_id)
  }

  matches(run: RunSummary): boolean {
    return this.mayRead(run.agent_id) && matchesFilter(this.#filterFor(run.run_id), run)
  }

  /** True if runs stop matching as time passes. */
  get ages(): boolean {
    return this.payload.since !== undefined
  }

  /** Queues all listed runs to be read again. */
  markAllChanged(): void {
    for (const run_id of this.#listed.keys()) this.markChanged(run_id)
  }

  /** Marks the listed runs that have become too old as changed. */
  markAged(): void {
    const { started_after } = resolveFilter<ListRuns>(this.payload, this.#clock.now())
    const afterMs = started_after === undefined ? Number.NEGATIVE_INFINITY : Date.parse(started_after)
    for (const [run_id, startedAtMs] of this.#listed) if (startedAtMs < afterMs) this.markChanged(run_id)
  }

  /** Returns true if only a search in the run's turns can tell whether the run matches. */
  mustSearch(run: RunSummary): boolean {
    return (
      this.payload.q !== undefined && this.mayRead(run.agent_id) && matchesFilter(this.#filter(true), run)
    )
  }

  queueSearch(run_id: string): void {
    this.#searches.delete(run_id)
    this.#searches.set(run_id, SEARCHES_PER_CHANGE)
    const [oldest] = this.#searches.keys()
    if (this.#searches.size > MAX_SEARCHES && oldest !== undefined) this.#searches.delete(oldest)
  }

  /** Returns the runs to search now. Runs with searches left stay queued. */
  takeSearches(): string[] {
    const searches = [...this.#searches]
    for (const [run_id, left] of searches) {
      if (left > 1) this.#searches.set(run_id, left - 1)
      else this.#searches.delete(run_id)
    }
    return searches.map(([run_id]) => run_id)
  }

  get hasSearches(): boolean {
    return this.#searches.size > 0
  }

  /** Records that a search has found a run. */
  find(run_id: string): void {
    this.#searches.delete(run_id)
    this.#found.add(run_id)
    dropOldest(this.#found, this.#maxRuns)
  }

  #filterFor(run_id: string): ListRuns {
    return this.#filter(this.#found.has(run_id))
  }

  #filter(withoutWords: boolean): ListRuns {
    const { q, ...filter } = resolveFilter<ListRuns>(this.payload, this.#clock.now())
    return withoutWords || q === undefined ? filter : { ...filter, q }
  }

  hasListed(run_id: string): boolean {
    return this.#listed.has(run_id)
  }

  /** Queues a run to be read again. */
  markChanged(run_id: string): void {
    this.#changed.add(run_id)
    dropOldest(this.#changed, this.#maxRuns)
  }

  /** Removes and returns at most `limit` changed runs, oldest change first. */
  takeChanged(limit: number): string[] {
    const taken = [...this.#changed].slice(0, limit)
    for (const run_id of taken) this.#changed.delete(run_id)
    return taken
  }

  list({ run_id, started_at }: Pick<RunSummary, "run_id" | "started_at">): void {
    this.#listed.delete(run_id)
    this.#listed.set(run_id, Date.parse(started_at))
    dropOldest(this.#listed, this.#maxRuns)
  }

  /** Divides changed runs into those to list and those to remove. `runs`: the changed runs that still exist. */
  divide(
    run_ids: readonly string[],
    runs: readonly RunSummary[],
  ): { upserts: RunSummary[]; removed: string[] } {
    const upserts = runs.filter((run) => this.matches(run))
    const matching = new Set(upserts.map((run) => run.run_id))
    const removed = run_ids.filter((run_id) => !matching.has(run_id) && this.#listed.delete(run_id))
    for (const run of upserts) this.list(run)
    return { upserts, removed }
  }
}

function dropOldest(set: Set<string> | Map<string, unknown>, maxSize: number): void {
  const [oldest] = set.keys()
  if (set.size > maxSize && oldest !== undefined) set.delete(oldest)
}
