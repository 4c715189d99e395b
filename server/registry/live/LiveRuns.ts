import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import { DEFAULT_TROUBLE, type TroubleSettings } from "@/server/platform/TroubleSettings"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import { summarizeRun } from "@/server/registry/summarizeRun"
import type { RunRow } from "@/server/store/RunStore"
import { LiveRun } from "./LiveRun"
import { type RemoteRun, summarizeRemoteRun } from "./RemoteRun"

/** A run in progress, on this or another node. */
export type LiveView = {
  readonly row: RunRow
  /** True if the agent can't continue until a person acts. */
  readonly isWaiting: boolean
  readonly isInTrouble: boolean
  /** When the run's owner last sent a command, in milliseconds since the epoch, if known. */
  readonly seenAtMs: number | undefined
  /** When the run started to wait, in milliseconds since the epoch; undefined if it isn't waiting. */
  readonly waitingSinceMs: number | undefined
  summarize(): RunSummary
}

/**
 * This node's runs in progress and the connections that have written to them, and copies of the live data that other
 * nodes have published. Never holds ended runs.
 */
export class LiveRuns {
  readonly #clock: Clock
  readonly #redactor: Redactor | undefined
  /** Thresholds for trouble. */
  readonly trouble: TroubleSettings
  readonly #runs = new Map<string, LiveRun>()
  readonly #writtenBy = new Map<RunOwner, Set<LiveRun>>()
  readonly #remote = new Map<string, RemoteRun>()
  /** Runs that another node has taken over, grouped by the connections of this node that had written to them. */
  readonly #lost = new Map<RunOwner, Set<string>>()

  /** `redactor` redacts progress before it is published. */
  constructor(clock: Clock, redactor?: Redactor, trouble: TroubleSettings = DEFAULT_TROUBLE) {
    this.#clock = clock
    this.trouble = trouble
    this.#redactor = redactor
  }

  get size(): number {
    return this.#runs.size
  }

  get(run_id: string): LiveRun | undefined {
    return this.#runs.get(run_id)
  }

  values(): IterableIterator<LiveRun> {
    return this.#runs.values()
  }

  /** Returns all known runs in progress, of this node and of others. */
  *views(): Generator<LiveView> {
    for (const run of this.#runs.values()) {
      const { row, progress } = run
      yield {
        row,
        isWaiting: progress.needsSomeone,
        isInTrouble: run.found.size > 0,
        seenAtMs: msOf(run.lastSeenAt),
        waitingSinceMs: msOf(progress.waitingSince),
        summarize: () => summarizeRun(row, run),
      }
    }
    for (const run of this.#remote.values()) {
      const { row, live } = run
      yield {
        row,
        isWaiting: live.activity?.waiting_for !== undefined && live.activity.waiting_kind !== "prompt",
        isInTrouble: !live.connected || live.trouble !== undefined,
        seenAtMs: msOf(live.last_seen_at),
        waitingSinceMs: msOf(live.waiting_since),
        summarize: () => summarizeRemoteRun(row, run, this.#clock.now()),
      }
    }
  }

  /** Returns a run's current summary. */
  summarize(row: RunRow): RunSummary {
    const run = this.#runs.get(row.run_id)
    const remote = run === undefined ? this.#remote.get(row.run_id) : undefined
    return remote === undefined || row.status !== "in_progress"
      ? summarizeRun(row, run)
      : summarizeRemoteRun(row, remote, this.#clock.now())
  }

  /** Returns a run's progress. */
  progressOf(run_id: string): Progress | undefined {
    const run = this.#runs.get(run_id)
    return run === undefined ? this.#remote.get(run_id)?.progress : run.progress.current
  }

  /** Returns the ids of runs of other nodes. */
  remoteIds(): string[] {
    return [...this.#remote.keys()]
  }

  getRemote(run_id: string): RemoteRun | undefined {
    return this.#remote.get(run_id)
  }

  /** Adopts the copy of another node's run. */
  setRemote(run: RemoteRun): void {
    this.#remote.set(run.row.run_id, run)
  }

  /** Drops the copy of another node's run. */
  dropRemote(run_id: string): void {
    this.#remote.delete(run_id)
  }

  /** Starts holding live data of a run of this node. */
  add(row: RunRow, publish: (run: LiveRun, progress: Progress | null) => void): LiveRun {
    const run = new LiveRun(row, this.#clock, publish, this.#redactor, this.trouble)
    this.#runs.set(row.run_id, run)
    this.#remote.delete(row.run_id)
    return run
  }

  /** Drops a run and everything held for it. */
  remove(run: LiveRun): void {
    run.stop()
    this.#runs.delete(run.row.run_id)
    for (const writer of run.writers) this.#forget(writer, run)
    run.writers.clear()
    run.owner = undefined
  }

  /**
   * Drops a run that another node has taken over. The connections that had written to it must not write to it anymore.
   */
  lose(run: LiveRun): void {
    for (const writer of run.writers) {
      const lost = this.#lost.get(writer)
      if (lost === undefined) this.#lost.set(writer, new Set([run.row.run_id]))
      else lost.add(run.row.run_id)
    }
    this.remove(run)
  }

  /**
   * Returns true if the connection has written to the run. Such a connection may continue the run, but not take it over
   * again.
   */
  hasWritten(owner: RunOwner, run_id: string): boolean {
    return this.#runs.get(run_id)?.writers.has(owner) === true || this.#lost.get(owner)?.has(run_id) === true
  }

  /** Makes a connection, which must be open, the run's owner. */
  own(run: LiveRun, owner: RunOwner): void {
    if (run.owner === owner) return
    this.#lost.get(owner)?.delete(run.row.run_id)
    run.writers.delete(owner)
    run.writers.add(owner)
    run.owner = owner
    const written = this.#writtenBy.get(owner)
    if (written === undefined) this.#writtenBy.set(owner, new Set([run]))
    else written.add(run)
  }

  /** Drops a connection. Returns the live runs that it had written to. */
  dropWriter(owner: RunOwner): LiveRun[] {
    const written = [...(this.#writtenBy.get(owner) ?? [])]
    this.#writtenBy.delete(owner)
    this.#lost.delete(owner)
    for (const run of written) run.writers.delete(owner)
    return written
  }

  /** The number of connections for which data is held. */
  get writers(): number {
    return this.#writtenBy.size + this.#lost.size
  }

  #forget(writer: RunOwner, run: LiveRun): void {
    const written = this.#writtenBy.get(writer)
    written?.delete(run)
    if (written?.size === 0) this.#writtenBy.delete(writer)
  }
}

function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time)
}
