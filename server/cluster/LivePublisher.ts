import type { Pool } from "pg"
import type { Logger } from "pino"
import type { Clock } from "@/server/platform/Clock"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import { liveFields } from "@/server/registry/live/RemoteRun"
import { summarizeRun } from "@/server/registry/summarizeRun"

/** The minimum time between two writes of live data. */
const MIN_MS_BETWEEN = 250
/** Data that changes with every turn (last seen, recent turns) may wait this long, to be written with other changes. */
const QUIET_MS = 1_000
const RETRY_MS = 1_000
const RUNS_PER_STATEMENT = 200

/** Leaves out runs that another node owns by now, so a late write has no effect. */
const PUBLISH = `INSERT INTO live_runs AS l (run_id, node_id, live, progress, version)
  SELECT p.run_id, $1, p.live, p.progress, 1 FROM unnest($2::text[], $3::text[], $4::text[]) p(run_id, live, progress)
  JOIN runs r ON r.run_id = p.run_id AND r.owner_node = $1 AND r.status = 0
  ON CONFLICT (run_id) DO UPDATE SET node_id = excluded.node_id, live = excluded.live, progress = excluded.progress,
    version = l.version + 1`
const REMOVE = "DELETE FROM live_runs WHERE run_id = ANY($1::text[])"

type PublisherOptions = {
  pool: Pool
  clock: Clock
  logger: Logger
  live: LiveRuns
  /** This node's id in the database. */
  nodeId: () => string
  onPublished(run_id: string): void
}

/**
 * Writes the live data of this node's runs (connected, progress, waiting, last seen), which isn't in the stored rows, to
 * the table `live_runs`, where other nodes read it. Writes only changes, and only while there are other nodes.
 */
export class LivePublisher {
  readonly #options: PublisherOptions
  readonly #due = new Set<string>()
  readonly #quietlyDue = new Set<string>()
  readonly #ended = new Set<string>()
  #timer: unknown
  #timerAt = Number.POSITIVE_INFINITY
  #publishedAt = Number.NEGATIVE_INFINITY
  #publishing: Promise<void> | undefined
  #isActive = false
  #isClosed = false

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** Starts or stops publishing. Starting publishes all runs. */
  activate(isActive: boolean): void {
    if (isActive && !this.#isActive) this.publishAll(isActive)
    this.#isActive = isActive
  }

  publishAll(isActive = this.#isActive): void {
    if (!isActive) return
    for (const { row } of this.#options.live.values()) this.#due.add(row.run_id)
    this.#schedule(0)
  }

  /** Publishes a change that viewers should see soon. */
  onChange(run_id: string): void {
    if (!this.#isActive) return
    this.#due.add(run_id)
    this.#schedule(0)
  }

  /** Publishes that a run has new turns, which can wait. */
  onTurns(run_id: string): void {
    if (!this.#isActive) return
    this.#quietlyDue.add(run_id)
    this.#schedule(QUIET_MS)
  }

  onEnd(run_id: string): void {
    if (!this.#isActive) return
    this.#ended.add(run_id)
    this.#schedule(0)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#options.clock.clearTimeout(this.#timer)
    await this.#publishing
  }

  #schedule(ms: number): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    const at = Math.max(now + ms, this.#publishedAt + MIN_MS_BETWEEN)
    if (this.#isClosed || at >= this.#timerAt) return
    clock.clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = clock.setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY
      if (this.#publishing !== undefined) return this.#schedule(MIN_MS_BETWEEN)
      this.#publishing = this.#publish().finally(() => {
        this.#publishing = undefined
      })
    }, at - now)
  }

  async #publish(): Promise<void> {
    const { clock, logger } = this.#options
    this.#publishedAt = clock.monotonic()
    const due = [...new Set([...this.#due, ...this.#quietlyDue])]
    const ended = [...this.#ended]
    this.#due.clear()
    this.#quietlyDue.clear()
    this.#ended.clear()
    try {
      for (let at = 0; at < due.length; at += RUNS_PER_STATEMENT)
        await this.#write(due.slice(at, at + RUNS_PER_STATEMENT))
      if (ended.length > 0) await this.#options.pool.query(REMOVE, [ended])
    } catch (error) {
      logger.debug({ err: error }, "live data could not be published; retrying")
      for (const run_id of due) this.#due.add(run_id)
      for (const run_id of ended) this.#ended.add(run_id)
      this.#schedule(RETRY_MS)
    }
  }

  async #write(run_ids: readonly string[]): Promise<void> {
    const { live, pool, nodeId, onPublished } = this.#options
    const runs = run_ids.flatMap((run_id) => live.get(run_id) ?? [])
    if (runs.length === 0) return
    await pool.query(PUBLISH, [
      nodeId(),
      runs.map((run) => run.row.run_id),
      runs.map((run) => storable(liveFields(summarizeRun(run.row, run), run.row))),
      runs.map((run) => (run.progress.current === undefined ? null : storable(run.progress.current))),
    ])
    for (const run of runs) onPublished(run.row.run_id)
  }
}

/** Encodes a value as JSON, because PostgreSQL can't store NUL characters and lone surrogates, which JSON escapes. */
function storable(value: unknown): string {
  return JSON.stringify(value)
}
