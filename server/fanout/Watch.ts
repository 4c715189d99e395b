import { matchesAgent, type Principal, readPatterns } from "@/lib/protocol/access"
import type { ListRuns } from "@/lib/protocol/commands"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import { matchesFilter } from "@/lib/trace/matchesFilter"
import type { Subscriber } from "./Subscriber"

/** A watched list: its filter, the runs that it has listed, and those that have changed since. */
export class Watch {
  readonly subscriber: Subscriber
  readonly principal: Principal
  readonly payload: ListRuns
  readonly #readers: readonly string[]
  readonly #maxRuns: number
  readonly #changed = new Set<string>()
  readonly #listed = new Set<string>()
  /** The counts that the viewer has. */
  counts: RunCounts | undefined
  /** When something last happened that may change the counts. */
  countsChangedAt = Number.NEGATIVE_INFINITY
  /** When the counts that the viewer has were counted. */
  countedAt = Number.NEGATIVE_INFINITY
  isOpen = false
  isFlushing = false
  isBlocked = false
  nextAt = Number.NEGATIVE_INFINITY
  timer: unknown
  timerAt = Number.POSITIVE_INFINITY

  constructor(subscriber: Subscriber, principal: Principal, payload: ListRuns, maxRuns: number) {
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
    return this.mayRead(run.agent_id) && matchesFilter(this.payload, run)
  }

  hasListed(run_id: string): boolean {
    return this.#listed.has(run_id)
  }

  /** Records that a run has changed, or must be read again. */
  markChanged(run_id: string): void {
    this.#changed.add(run_id)
    dropOldest(this.#changed, this.#maxRuns)
  }

  /** Removes and returns the runs that changed first, at most `limit`. */
  takeChanged(limit: number): string[] {
    const taken = [...this.#changed].slice(0, limit)
    for (const run_id of taken) this.#changed.delete(run_id)
    return taken
  }

  list(run_id: string): void {
    this.#listed.delete(run_id)
    this.#listed.add(run_id)
    dropOldest(this.#listed, this.#maxRuns)
  }

  /** Divides changed runs, as they were read, into those to list and those to remove. Deleted ones weren't found. */
  divide(
    run_ids: readonly string[],
    runs: readonly RunSummary[],
  ): { upserts: RunSummary[]; removed: string[] } {
    const upserts = runs.filter((run) => this.matches(run))
    const matching = new Set(upserts.map((run) => run.run_id))
    const removed = run_ids.filter((run_id) => !matching.has(run_id) && this.#listed.delete(run_id))
    for (const run_id of matching) this.list(run_id)
    return { upserts, removed }
  }
}

function dropOldest(set: Set<string>, maxSize: number): void {
  const [oldest] = set
  if (set.size > maxSize && oldest !== undefined) set.delete(oldest)
}
