import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import { runStage } from "@/lib/trace/state/runStage"
import type { Clock } from "@/server/platform/Clock"
import type { StoredTurns } from "@/server/registry/RegistryEvents"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { FanoutBounds } from "./bounds"
import type { LogPage, LogPages } from "./LogPages"
import { type Available, encodeNextRecord, encodeNextTurns, nextEvent, type SharedEvents } from "./nextEvent"
import type { EncodedEvent } from "./Subscriber"
import type { Feed, Subscription } from "./Subscription"
import { TurnBuffer } from "./TurnBuffer"

/** Turns that have already been read, and the index of the first one. */
type ReadTurns = Pick<LogPage, "from" | "turns">

export type FeedParts = {
  queries: Pick<RunQueries, "progressOf">
  pages: LogPages
  clock: Clock
  bounds: FanoutBounds
}

/**
 * A followed run: how many of its turns are published, and how far each subscription is.
 *
 * Turns are first committed (they are in the log), then published (subscriptions may receive them). A subscription has
 * a prefix of the published turns. Once it has all turns, it also gets the newest summary and progress. Only `advance`
 * sends events. It takes the turns that a subscription still needs from the buffer of the newest turns or, if they
 * aren't there, from the log. Subscriptions have no queues.
 */
export class RunFeed implements Feed, Available {
  readonly run_id: string
  readonly subscriptions = new Set<Subscription>()
  /** The number of callers that are about to add a subscription. */
  holds = 0
  isDeleted = false
  readonly #parts: FeedParts
  readonly #buffer = new TurnBuffer()
  runVersion = 0
  progressVersion = 0
  committed = 0
  published = 0
  #run: RunSummary | undefined
  #unpublishedChars = 0
  #publishedAt = Number.NEGATIVE_INFINITY
  #timer: unknown
  #isReading = false

  constructor(run_id: string, parts: FeedParts) {
    this.run_id = run_id
    this.#parts = parts
  }

  get isUnused(): boolean {
    return this.holds === 0 && this.subscriptions.size === 0
  }

  get bufferedChars(): number {
    return this.#buffer.chars
  }

  get run(): RunSummary {
    if (this.#run === undefined) throw new Error("A summary must be read before anyone subscribes.")
    return this.#run
  }

  get progress(): Progress | undefined {
    return this.#parts.queries.progressOf(this.run_id)
  }

  remove(subscription: Subscription): void {
    subscription.connection.remove(subscription)
    this.subscriptions.delete(subscription)
    if (this.subscriptions.size === 0) this.#clearTimer()
  }

  /** Adopts a summary that was read from the store, unless events have brought a newer one. */
  read(run: RunSummary): void {
    const known = this.#run
    const isNewer = known === undefined || runStage(run) > runStage(known) || run.cursor > known.cursor
    if (isNewer && this.#adopt(run)) this.publish()
  }

  /** Adds turns that were stored. If `turns` returns undefined, they are read from the log. */
  addTurns({ from, count, run, turns }: StoredTurns): void {
    this.#adopt(run())
    this.committed = Math.max(this.committed, from + count)
    const isWanted = this.subscriptions.size > 0 && from <= this.#buffer.end
    if (isWanted) this.#unpublishedChars += this.#buffer.append(from, turns() ?? [])
    if (this.published < this.committed) this.#publishSoon()
  }

  /** Adopts a changed summary: the run may also have ended or been reopened. */
  changeRun(run: RunSummary): void {
    if (!this.#adopt(run)) return
    this.runVersion += 1
    if (run.termination === undefined) this.#advanceLive()
    else this.publish()
  }

  changeProgress(run: RunSummary): void {
    if (!this.#adopt(run)) return
    this.progressVersion += 1
    this.#advanceLive()
  }

  /** Publishes everything that is committed. */
  publish(): void {
    const { bounds } = this.#parts
    this.#clearTimer()
    this.#unpublishedChars = 0
    do this.#advanceLive(this.#nextFrame())
    while (this.published < this.#buffer.end)
    if (this.published < this.committed) this.#publishFromLog()
    let areAllLive = true
    for (const subscription of this.subscriptions) {
      if (subscription.state === "behind") subscription.connection.pump()
      if (subscription.state !== "live") areAllLive = false
    }
    this.#buffer.trim(this.published, areAllLive ? 0 : bounds.frameBytes)
  }

  /** Retries publishing turns that couldn't be read from the log. */
  retry(): void {
    if (this.#timer === undefined && this.published < this.committed) this.publish()
  }

  /**
   * Sends a subscription what it needs, until its connection has too much queued.
   *
   * @param shared events that were already encoded for other subscriptions
   * @param page turns that were read for this subscription or for all live ones
   */
  advance(subscription: Subscription, shared: SharedEvents = new Map(), page?: ReadTurns): void {
    const { connection } = subscription
    let next = nextEvent(subscription, this)
    while (next !== undefined && connection.mayTake(subscription)) {
      const event =
        next === "turns"
          ? this.#nextTurns(subscription, shared, page)
          : encodeNextRecord(subscription, this, next, shared)
      if (event === undefined) break
      connection.subscriber.send(event)
      next = nextEvent(subscription, this)
    }
    if (next === undefined) connection.goLive(subscription)
    else connection.fallBehind(subscription)
  }

  /** Adopts a summary, but never lowers the number of turns. Returns false if it predates a known end or reopening. */
  #adopt(run: RunSummary): boolean {
    this.committed = Math.max(this.committed, run.cursor)
    const known = this.#run
    if (known !== undefined && runStage(run) < runStage(known)) return false
    if (known !== undefined && runStage(run) > runStage(known)) this.runVersion += 1
    this.#run = known === undefined || known.cursor <= run.cursor ? run : { ...run, ...turnsOf(known) }
    return true
  }

  #has(state: Subscription["state"]): boolean {
    for (const subscription of this.subscriptions) if (subscription.state === state) return true
    return false
  }

  #clearTimer(): void {
    this.#parts.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Publishes the first turn after a pause immediately, and the turns that follow within 16 ms together. */
  #publishSoon(): void {
    const { clock, bounds } = this.#parts
    const wait = this.#publishedAt + bounds.gatherMs - clock.monotonic()
    const isFull = this.#unpublishedChars >= bounds.frameBytes
    if (wait <= 0 || isFull || !this.#has("live")) this.publish()
    else this.#timer ??= clock.setTimeout(() => this.publish(), wait)
  }

  /** Reads the next page once for all live subscriptions. Subscriptions that are behind read their own pages. */
  #publishFromLog(): void {
    if (!this.#has("live")) {
      this.published = this.committed
      this.#buffer.reset(this.committed)
      return
    }
    if (this.#isReading) return
    this.#isReading = true
    const page = this.#parts.pages.get(this.run_id, this.#buffer.end, this.committed)
    const done = (read?: LogPage) => {
      this.#isReading = false
      // A run that is being deleted has empty pages. The watchdog retries, even after an error.
      if (read === undefined || read.turns.length === 0) return
      this.#buffer.append(read.from, read.turns)
      this.publish()
    }
    Promise.resolve(page).then(done, () => done())
  }

  /** Publishes the next turns of the buffer, at most about 256 KiB. Returns undefined if there are none. */
  #nextFrame(): ReadTurns | undefined {
    const { clock, bounds } = this.#parts
    const from = this.published
    if (from >= this.#buffer.end) return undefined
    if (this.#has("live")) this.#publishedAt = clock.monotonic()
    const turns = this.#buffer.slice(from, this.#buffer.end, bounds.frameBytes) ?? []
    this.published += turns.length
    return { from, turns }
  }

  #advanceLive(page?: ReadTurns): void {
    const shared: SharedEvents = new Map()
    for (const subscription of this.subscriptions)
      if (subscription.state === "live") this.advance(subscription, shared, page)
  }

  /** Returns the next turns as an event. If they must be read from the log, returns undefined and advances again later. */
  #nextTurns(subscription: Subscription, shared: SharedEvents, page?: ReadTurns): EncodedEvent | undefined {
    const turns = this.#turnsAt(subscription.cursor, page)
    if (!(turns instanceof Promise)) return encodeNextTurns(subscription, this, turns, shared)
    const { connection } = subscription
    connection.isReading = true
    const done = (read?: LogPage) => {
      connection.isReading = false
      // A run that is being deleted has empty pages. The watchdog retries, even after an error.
      if (read === undefined || read.turns.length === 0) return
      if (subscription.state === "behind") this.advance(subscription, undefined, read)
      connection.pump()
    }
    turns.then(done, () => done())
    return undefined
  }

  /** Returns the turns at a cursor, at most about 256 KiB; a promise if they must be read from the log. */
  #turnsAt(cursor: number, page?: ReadTurns): readonly string[] | Promise<LogPage> {
    if (cursor >= this.published) return []
    if (page?.from === cursor) return page.turns
    const buffered = this.#buffer.slice(cursor, this.published, this.#parts.bounds.frameBytes)
    if (buffered !== undefined) return buffered
    const end = Math.min(this.published, cursor + LIMITS.traceLimit)
    const found = this.#parts.pages.get(this.run_id, cursor, end)
    return found instanceof Promise ? found : found.turns
  }
}

/** Returns the part of a summary that is computed from turns. */
function turnsOf({ cursor, totals, last_turn_at }: RunSummary): Partial<RunSummary> {
  return { cursor, totals, ...(last_turn_at !== undefined && { last_turn_at }) }
}
