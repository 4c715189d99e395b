import type { Logger } from "pino"
import type { RunSummary } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import type { RemoteRuns } from "@/server/registry/live/RemoteRun"
import type { RunRow } from "@/server/store/RunStore"
import type { ClusterTargets } from "./Cluster"
import type { ChangeNotification } from "./notifications"
import type { RemoteReader, StoredRun } from "./RemoteReader"

/**
 * How long changed runs are gathered, to be read together. Followed runs and this node's own runs are read sooner
 * (`FOLLOWED_GATHER_MS`).
 */
const GATHER_MS = 100
const FOLLOWED_GATHER_MS = 5
/** How long to wait after changed runs couldn't be read. */
const RETRY_MS = 500
/** How often followed runs and this node's own runs are compared with the database, even if notifications arrive. */
const POLL_MS = 1_000
/**
 * How often all runs in progress are compared with the database while a list needs them, if notifications arrive. If
 * they don't, `POLL_ALL_WITHOUT_NOTIFICATIONS_MS` applies.
 */
const POLL_ALL_MS = 10_000
const POLL_ALL_WITHOUT_NOTIFICATIONS_MS = 1_500
/** Live data of all runs is kept current for this long after a list last needed it. */
const KEEP_CURRENT_MS = 60_000

type Options = {
  reader: RemoteReader
  live: LiveRuns
  clock: Clock
  logger: Logger
  areNotificationsHealthy: () => boolean
}

/**
 * Publishes what other nodes have changed to this node's viewers. A notification names the runs; their data is read
 * from the database. Polling finds changes whose notifications were lost.
 */
export class RemoteChanges implements RemoteRuns {
  readonly #options: Options
  #targets: ClusterTargets | undefined
  readonly #due = new Set<string>()
  #readTimer: unknown
  #readTimerAt = Number.POSITIVE_INFINITY
  #reading: Promise<void> | undefined
  #pollTimer: unknown
  /** The marks that runs had when they were last compared, by run id. */
  readonly #marks = new Map<string, string>()
  #neededUntil = Number.NEGATIVE_INFINITY
  #isCurrent = false
  #refreshing: Promise<void> | undefined
  #polledAllAt = Number.NEGATIVE_INFINITY
  /**
   * The highest numbers of runs at the last two times when all runs were read. Runs above the first one are compared even
   * if they have ended, because they may have started and ended unnoticed. The second one would be too high: a run with a
   * lower number may have been committed since.
   */
  #newest: readonly [before: number, last: number] = [0, 0]
  #isClosed = false

  constructor(options: Options) {
    this.#options = options
  }

  open(targets: ClusterTargets): void {
    this.#targets = targets
    this.#pollSoon()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const { clock } = this.#options
    clock.clearTimeout(this.#readTimer)
    clock.clearTimeout(this.#pollTimer)
    await Promise.allSettled([this.#reading, this.#refreshing])
  }

  /** Makes the live data of all runs current, and keeps it current for a while. */
  async refresh(): Promise<void> {
    this.#neededUntil = this.#options.clock.monotonic() + KEEP_CURRENT_MS
    if (this.#isCurrent) return
    this.#refreshing ??= this.#readAll().finally(() => {
      this.#refreshing = undefined
    })
    await this.#refreshing
  }

  async load(run_id: string): Promise<void> {
    const { live, reader } = this.#options
    if (live.get(run_id) !== undefined) return
    for (const run of await reader.runs([run_id], [run_id])) this.#take(run)
  }

  onNotification({ turns, changed, deleted }: ChangeNotification): void {
    const { live } = this.#options
    for (const [run_id, cursor] of turns) {
      const remote = live.getRemote(run_id)
      if (remote === undefined) this.onChange(run_id)
      else if (cursor > remote.row.cursor) {
        remote.row = { ...remote.row, cursor }
        this.#publishTurns(run_id, cursor)
      }
    }
    for (const run_id of changed) this.onChange(run_id)
    for (const run_id of deleted) this.onDelete(run_id)
  }

  /** Compares everything, because notifications may have been missed. */
  onGap(): void {
    this.#targets?.fanout.onGap()
    this.#polledAllAt = Number.NEGATIVE_INFINITY
    this.#poll().catch(() => {})
  }

  #requireTargets(): ClusterTargets {
    if (this.#targets === undefined) throw new Error("The cluster isn't open")
    return this.#targets
  }

  /** Schedules a read of a run that has changed on another node or in the database, if it is needed here. */
  onChange(run_id: string): void {
    const { fanout } = this.#requireTargets()
    const isFollowed = fanout.follows(run_id)
    const isOurs = this.#options.live.get(run_id) !== undefined
    if (!isFollowed && !isOurs && !this.#isCurrent) return
    this.#due.add(run_id)
    this.#readSoon(isFollowed || isOurs ? FOLLOWED_GATHER_MS : GATHER_MS)
  }

  /** Called when a run was deleted, on this node or on another one. */
  onDelete(run_id: string): void {
    this.#options.live.dropRemote(run_id)
    this.#marks.delete(run_id)
    this.#requireTargets().fanout.runDeleted(run_id)
  }

  #readSoon(ms: number): void {
    const { clock } = this.#options
    const at = clock.monotonic() + ms
    if (this.#isClosed || this.#reading !== undefined || at >= this.#readTimerAt) return
    clock.clearTimeout(this.#readTimer)
    this.#readTimerAt = at
    this.#readTimer = clock.setTimeout(() => {
      this.#readTimerAt = Number.POSITIVE_INFINITY
      this.#reading = this.#readDue().then((nextMs) => {
        this.#reading = undefined
        if (this.#due.size > 0) this.#readSoon(nextMs)
      })
    }, ms)
  }

  /** Reads the changed runs. Resolves with the time until the next read, if one is needed. */
  async #readDue(): Promise<number> {
    const { reader, logger } = this.#options
    const { fanout } = this.#requireTargets()
    const run_ids = [...this.#due]
    this.#due.clear()
    try {
      const runs = await reader.runs(run_ids, fanout.followed())
      for (const run of runs) this.#publish(run)
      const found = new Set(runs.map(({ row }) => row.run_id))
      for (const run_id of run_ids) if (!found.has(run_id) && this.#isKnown(run_id)) this.onDelete(run_id)
      return FOLLOWED_GATHER_MS
    } catch (error) {
      logger.debug({ err: error }, "changes on other nodes could not be read; retrying")
      for (const run_id of run_ids) this.#due.add(run_id)
      return RETRY_MS
    }
  }

  #isKnown(run_id: string): boolean {
    return this.#options.live.getRemote(run_id) !== undefined || (this.#marks.get(run_id) ?? "") !== ""
  }

  async #readAll(): Promise<void> {
    const { reader, live } = this.#options
    const { fanout } = this.#requireTargets()
    const newest = await reader.newest()
    const runs = await reader.runsInProgress(fanout.followed())
    this.#newest = [newest, newest]
    const found = new Set(runs.map(({ row }) => row.run_id))
    for (const run of runs) this.#take(run)
    for (const run_id of live.remoteIds()) if (!found.has(run_id)) live.dropRemote(run_id)
    this.#isCurrent = true
    this.#polledAllAt = this.#options.clock.monotonic()
  }

  /**
   * Holds the data of a run that was read for a viewer. If other viewers may have older data, publishes it, because the
   * read that follows the change's own notification finds nothing new.
   */
  #take(run: StoredRun): void {
    const { live } = this.#options
    const { run_id, status } = run.row
    // A later read may have finished earlier, so the next poll compares the run again.
    this.#marks.delete(run_id)
    const isInProgress = status === "in_progress"
    if (live.getRemote(run_id) !== undefined || (this.#isCurrent && isInProgress)) this.#publish(run)
    else if (isInProgress && live.get(run_id) === undefined) live.setRemote(run)
  }

  #publish(run: StoredRun): void {
    const { live } = this.#options
    const { onStoredChange } = this.#requireTargets()
    const { row } = run
    const ours = live.get(row.run_id)
    if (row.status !== "in_progress") this.#publishEnd(row)
    else if (ours?.isOwnedBy(row.owner)) {
      if (ours.mergeStored(row)) onStoredChange(ours)
    } else {
      if (ours !== undefined) live.lose(ours)
      this.#publishRemote(run)
    }
  }

  #publishEnd(row: RunRow): void {
    const { live } = this.#options
    const ours = live.get(row.run_id)
    if (ours !== undefined) live.remove(ours)
    live.dropRemote(row.run_id)
    // The fan-out recognizes an end by the run's status.
    this.#requireTargets().fanout.runChanged(live.summarize(row))
  }

  #publishRemote({ row, live: liveData, progress }: StoredRun): void {
    const { live } = this.#options
    const { fanout } = this.#requireTargets()
    const { run_id } = row
    const before = live.getRemote(run_id)
    const shownBefore = before && live.summarize(before.row)
    const cursor = Math.max(row.cursor, before?.row.cursor ?? 0)
    live.setRemote({ row: { ...row, cursor }, live: liveData, progress })
    const shown = live.summarize(row)
    if (cursor > (before?.row.cursor ?? 0)) this.#publishTurns(run_id, cursor)
    const isNew = shownBefore === undefined
    if (isNew || stableText(shownBefore) !== stableText(shown)) fanout.runChanged(shown)
    const hadProgress = JSON.stringify([before?.progress, shownBefore?.activity])
    if (hadProgress !== JSON.stringify([progress, shown.activity]))
      fanout.progressChanged(shown, progress ?? null)
  }

  #publishTurns(run_id: string, cursor: number): void {
    const { live } = this.#options
    const remote = live.getRemote(run_id)
    if (remote === undefined) return
    const run = () => live.summarize(remote.row)
    // The turns aren't in memory on this node: the fan-out reads them from the log.
    this.#requireTargets().fanout.turnsStored({ run_id, from: 0, count: cursor, run, turns: () => undefined })
  }

  #pollSoon(): void {
    if (this.#isClosed) return
    this.#pollTimer = this.#options.clock.setTimeout(() => {
      this.#poll()
        .catch(() => {})
        .finally(() => this.#pollSoon())
    }, POLL_MS)
  }

  async #poll(): Promise<void> {
    const { live, reader, clock, areNotificationsHealthy } = this.#options
    const { fanout } = this.#requireTargets()
    const now = clock.monotonic()
    if (fanout.isWatched()) this.#neededUntil = now + KEEP_CURRENT_MS
    if (now > this.#neededUntil) this.#isCurrent = false
    if (!this.#isCurrent) this.#dropUnfollowed()
    const ours = [...live.values()].map(({ row }) => row.run_id)
    const followed = fanout.followed().filter((run_id) => live.get(run_id) === undefined)
    if (ours.length > 0) this.#compare(ours, await reader.ownMarks(ours))
    if (followed.length > 0) this.#compare(followed, await reader.marks(followed))
    const allMs = areNotificationsHealthy() ? POLL_ALL_MS : POLL_ALL_WITHOUT_NOTIFICATIONS_MS
    if (!this.#isCurrent || now - this.#polledAllAt < allMs) return
    const [before, last] = this.#newest
    const newest = await reader.newest()
    const marks = await reader.marksOfCurrent(before)
    this.#polledAllAt = now
    this.#newest = [last, newest]
    const all = new Set([...marks.keys(), ...live.remoteIds()])
    this.#compare(
      [...all].filter((run_id) => live.get(run_id) === undefined),
      marks,
    )
  }

  #compare(run_ids: readonly string[], marks: ReadonlyMap<string, string>): void {
    for (const run_id of run_ids) {
      const mark = marks.get(run_id) ?? ""
      if (this.#marks.get(run_id) === mark) continue
      this.#marks.set(run_id, mark)
      this.onChange(run_id)
    }
  }

  /** Drops the data of runs that aren't followed. Called while no list needs the live data of all runs. */
  #dropUnfollowed(): void {
    const { live } = this.#options
    const { fanout } = this.#requireTargets()
    for (const run_id of live.remoteIds()) if (!fanout.follows(run_id)) live.dropRemote(run_id)
    for (const run_id of this.#marks.keys())
      if (!fanout.follows(run_id) && live.get(run_id) === undefined) this.#marks.delete(run_id)
  }
}

/** Returns the part of a summary that doesn't change with every turn or progress report, as text for comparison. */
function stableText(run: RunSummary): string {
  const { cursor: _c, totals: _t, last_turn_at: _l, last_seen_at: _s, recent: _r, activity, ...rest } = run
  const { trouble, last_error: _e, ...stable } = rest
  const kinds = trouble?.map(({ kind }) => kind)
  return JSON.stringify([stable, kinds, activity?.waiting_for, activity?.waiting_kind])
}
