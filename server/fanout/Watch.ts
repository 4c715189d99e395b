import { matchesAgent, type Principal, readPatterns } from "@/lib/protocol/access"
import type { ListRuns } from "@/lib/protocol/commands"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import { matchesFilter } from "@/lib/trace/matchesFilter"
import type { Subscriber } from "./Subscriber"

/** One watched list: its filter, which runs it has shown, and which have changed since. */
export class Watch {
  readonly subscriber: Subscriber
  readonly principal: Principal
  readonly payload: ListRuns
  readonly #readers: readonly string[]
  readonly #most: number
  readonly #changed = new Set<string>()
  readonly #shown = new Set<string>()
  /** The counts that the reader has. */
  counts: RunCounts | undefined
  /** When something last happened that may change the counts, and when those that it has were counted. */
  countsTouchedAt = Number.NEGATIVE_INFINITY
  countedAt = Number.NEGATIVE_INFINITY
  isOpen = false
  isFlushing = false
  isBlocked = false
  nextAt = Number.NEGATIVE_INFINITY
  timer: unknown
  timerAt = Number.POSITIVE_INFINITY

  constructor(subscriber: Subscriber, principal: Principal, payload: ListRuns, most: number) {
    this.subscriber = subscriber
    this.principal = principal
    this.payload = payload
    this.#readers = readPatterns(principal)
    this.#most = most
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0
  }

  /** The counts that it has were counted before the last change. */
  get hasOldCounts(): boolean {
    return this.countsTouchedAt >= this.countedAt
  }

  mayRead(agent_id: string): boolean {
    return matchesAgent(this.#readers, agent_id)
  }

  admits(run: RunSummary): boolean {
    return this.mayRead(run.agent_id) && matchesFilter(this.payload, run)
  }

  hasShown(run_id: string): boolean {
    return this.#shown.has(run_id)
  }

  /** Notes a run as changed, or as to be looked at again. */
  touch(run_id: string): void {
    this.#changed.add(run_id)
    dropOldest(this.#changed, this.#most)
  }

  /** At most so many changed runs, those that changed first; they count as looked at. */
  take(most: number): string[] {
    const taken: string[] = []
    for (const run_id of this.#changed) {
      if (taken.length >= most) break
      taken.push(run_id)
    }
    for (const run_id of taken) this.#changed.delete(run_id)
    return taken
  }

  show(run_id: string): void {
    this.#shown.delete(run_id)
    this.#shown.add(run_id)
    dropOldest(this.#shown, this.#most)
  }

  /** Sorts looked-at runs into those to show and those to take away; ids without a run are gone. */
  sort(
    run_ids: readonly string[],
    runs: readonly RunSummary[],
  ): { upserts: RunSummary[]; removed: string[] } {
    const upserts = runs.filter((run) => this.admits(run))
    const admitted = new Set(upserts.map((run) => run.run_id))
    const removed = run_ids.filter((run_id) => !admitted.has(run_id) && this.#shown.delete(run_id))
    for (const run_id of admitted) this.show(run_id)
    return { upserts, removed }
  }
}

function dropOldest(set: Set<string>, most: number): void {
  const [oldest] = set
  if (set.size > most && oldest !== undefined) set.delete(oldest)
}
