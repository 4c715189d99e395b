import type { Principal } from "@/lib/protocol/access"
import type { CommandPayload, Refusal, Reply } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { RegistryListener, StoredTurns } from "@/server/registry/RegistryEvents"
import type { RunQueries } from "@/server/registry/RunQueries"
import { notFound, unavailable } from "@/server/registry/refusals"
import type { RunStore } from "@/server/store/RunStore"
import { BOUNDS, type FanoutBounds } from "./bounds"
import { LogPages } from "./LogPages"
import { RunFeed } from "./RunFeed"
import { encodeEvent, type Subscriber } from "./Subscriber"
import { type Feed, SubscriberConnection, Subscription } from "./Subscription"
import { WatchFeed } from "./WatchFeed"

/** A reply that is followed by events. `begin` starts them and must be called once the reply has been sent. */
export type StreamReply<R> = { reply: R; begin?: () => void }

type Parts = {
  queries: RunQueries
  store: Pick<RunStore, "turns">
  clock: Clock
  bounds?: Partial<FanoutBounds>
}

/** Publishes what the registry has stored: runs to their subscribers, and lists of runs to their watchers. */
export class Fanout implements RegistryListener {
  readonly #parts: Parts
  readonly #bounds: FanoutBounds
  readonly #feeds = new Map<string, RunFeed>()
  readonly #connections = new Map<Subscriber, SubscriberConnection>()
  readonly #pages: LogPages
  readonly #watches: WatchFeed
  #watchdog: unknown
  #disconnected = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#bounds = { ...BOUNDS, ...parts.bounds }
    const { queries, clock } = parts
    this.#pages = new LogPages(parts.store, this.#bounds)
    this.#watches = new WatchFeed({ queries, clock, bounds: this.#bounds })
    this.#watchdog = clock.setTimeout(() => this.#check(), this.#bounds.watchdogMs)
  }

  /** Subscribes to a run, starting at a cursor. Replaces the subscriber's previous subscription to the run. */
  async subscribe(
    subscriber: Subscriber,
    principal: Principal,
    payload: CommandPayload<"runs.subscribe">,
  ): Promise<StreamReply<Reply<"runs.subscribe">>> {
    const { run_id, cursor = 0 } = payload
    if (this.#isFull(subscriber, run_id)) return { reply: tooManySubscriptions() }
    // The feed must exist before the run is read, so that it doesn't miss commits in between.
    const feed = this.#hold(run_id)
    try {
      const found = await this.#parts.queries.get(principal, run_id)
      if (found === undefined || feed.isDeleted) return { reply: notFound() }
      if (this.#isFull(subscriber, run_id)) return { reply: tooManySubscriptions() }
      feed.read(found)
      const { committed, run } = feed
      const server_time = isoTime(this.#parts.clock.now())
      const { agent_id, status } = run
      const reply = { ok: true as const, run_id, agent_id, cursor: committed, status, server_time }
      if (!subscriber.connected) return { reply }
      const subscription = this.#add(subscriber, feed, cursor > committed ? 0 : cursor)
      return { reply, begin: () => this.#begin(subscription) }
    } catch (cause) {
      return { reply: unavailable(cause) }
    } finally {
      feed.holds -= 1
      this.#dropUnused(feed)
    }
  }

  /** Removes a subscription. Returns true if it existed. */
  unsubscribe(subscriber: Subscriber, run_id: string): boolean {
    const subscription = this.#connections.get(subscriber)?.subscriptions.get(run_id)
    if (subscription === undefined) return false
    this.#remove(subscription)
    return true
  }

  /** Watches a list of runs. Replaces the subscriber's previous watch. */
  watch(
    subscriber: Subscriber,
    principal: Principal,
    payload: CommandPayload<"runs.watch">,
  ): Promise<StreamReply<Reply<"runs.watch">>> {
    return this.#watches.watch(subscriber, principal, payload)
  }

  /** Removes a subscriber's watch. Returns true if it existed. */
  unwatch(subscriber: Subscriber): boolean {
    return this.#watches.unwatch(subscriber)
  }

  /** Continues after the subscriber's transport has drained. */
  resume(subscriber: Subscriber): void {
    this.#connections.get(subscriber)?.pump()
    this.#watches.resume(subscriber)
  }

  /** Removes the subscriptions and the watch of a subscriber whose connection has closed. */
  remove(subscriber: Subscriber): void {
    this.#watches.unwatch(subscriber)
    const connection = this.#connections.get(subscriber)
    for (const subscription of [...(connection?.subscriptions.values() ?? [])]) this.#remove(subscription)
    this.#connections.delete(subscriber)
  }

  /** Returns the ids of the runs that someone follows. */
  followed(): string[] {
    return [...this.#feeds.keys()]
  }

  /** Reads the runs of all watched lists again, because changes on other nodes may have been missed. */
  onGap(): void {
    this.#watches.onGap()
  }

  /** Returns true if someone watches a list. */
  isWatched(): boolean {
    return this.#watches.size > 0
  }

  follows(run_id: string): boolean {
    return this.#feeds.has(run_id)
  }

  turnsStored(stored: StoredTurns): void {
    this.#feeds.get(stored.run_id)?.addTurns(stored)
    this.#watches.onTurns(stored)
  }

  runChanged(run: RunSummary): void {
    this.#feeds.get(run.run_id)?.changeRun(run)
    this.#watches.onChange(run, true)
  }

  progressChanged(run: RunSummary, _progress: Progress | null): void {
    this.#feeds.get(run.run_id)?.changeProgress(run)
    this.#watches.onChange(run, false)
  }

  runEnded(run: RunSummary): void {
    this.runChanged(run)
  }

  runDeleted(run_id: string): void {
    this.#pages.forget(run_id)
    this.#watches.onDelete(run_id)
    const feed = this.#feeds.get(run_id)
    if (feed === undefined) return
    feed.isDeleted = true
    this.#feeds.delete(run_id)
    for (const subscription of [...feed.subscriptions]) {
      // No event may be sent before the reply.
      if (subscription.state !== "new") this.#removeDeleted(subscription)
      // Other subscriptions of the connection may have been waiting for a page of this run.
      subscription.connection.pump()
    }
  }

  /** Returns counts for metrics and tests. */
  stats() {
    const states = { new: 0, behind: 0, live: 0, closed: 0 }
    let bufferedChars = 0
    for (const feed of this.#feeds.values()) {
      bufferedChars += feed.bufferedChars
      for (const { state } of feed.subscriptions) states[state] += 1
    }
    return {
      subscriptions: { live: states.live, behind: states.behind + states.new },
      feeds: this.#feeds.size,
      connections: this.#connections.size,
      watches: this.#watches.size,
      pagesRead: this.#pages.stats.read,
      pagesCached: this.#pages.stats.cached,
      pageChars: this.#pages.cachedChars,
      bufferedChars,
      disconnected: this.#disconnected,
    }
  }

  /** Stops all timers and removes all subscribers. */
  close(): void {
    this.#parts.clock.clearTimeout(this.#watchdog)
    this.#watches.close()
    for (const subscriber of [...this.#connections.keys()]) this.remove(subscriber)
  }

  #isFull(subscriber: Subscriber, run_id: string): boolean {
    const subscriptions = this.#connections.get(subscriber)?.subscriptions
    if (subscriptions === undefined || subscriptions.has(run_id)) return false
    return subscriptions.size >= LIMITS.subscriptionsPerConnection
  }

  #hold(run_id: string): RunFeed {
    const { queries, clock } = this.#parts
    const parts = { queries, clock, pages: this.#pages, bounds: this.#bounds }
    const feed = this.#feeds.get(run_id) ?? new RunFeed(run_id, parts)
    this.#feeds.set(run_id, feed)
    feed.holds += 1
    return feed
  }

  #add(subscriber: Subscriber, feed: RunFeed, cursor: number): Subscription {
    this.unsubscribe(subscriber, feed.run_id)
    const connection =
      this.#connections.get(subscriber) ??
      new SubscriberConnection(subscriber, this.#parts.clock, this.#bounds)
    this.#connections.set(subscriber, connection)
    const subscription = new Subscription(connection, feed, cursor)
    connection.subscriptions.set(feed.run_id, subscription)
    feed.subscriptions.add(subscription)
    return subscription
  }

  #begin(subscription: Subscription): void {
    if (subscription.state !== "new") return
    if (subscription.feed.isDeleted) {
      this.#removeDeleted(subscription)
      return
    }
    subscription.connection.fallBehind(subscription)
    subscription.connection.pump()
  }

  #remove(subscription: Subscription): void {
    const { feed } = subscription
    feed.remove(subscription)
    this.#dropUnused(feed)
  }

  #removeDeleted(subscription: Subscription): void {
    const { run_id } = subscription.feed
    this.#remove(subscription)
    const error = { event: "runs.subscribe", run_id, error: wireError("not_found") }
    subscription.connection.subscriber.send(encodeEvent("runs.error", error))
  }

  #dropUnused(feed: Feed): void {
    if (feed.isUnused && this.#feeds.get(feed.run_id) === feed) this.#feeds.delete(feed.run_id)
  }

  /** Once a second: retries what failed, and disconnects subscribers that have stopped reading. */
  #check(): void {
    for (const feed of this.#feeds.values()) feed.retry()
    for (const connection of this.#connections.values()) {
      connection.pump()
      if (!connection.isStalled) continue
      this.#disconnected += 1
      connection.subscriber.disconnect("does not read")
    }
    this.#watchdog = this.#parts.clock.setTimeout(() => this.#check(), this.#bounds.watchdogMs)
  }
}

function tooManySubscriptions(): Refusal {
  const message = `At most ${LIMITS.subscriptionsPerConnection} subscriptions on one connection.`
  return { ok: false, error: wireError("rate_limited", message, { retry_after_ms: 1_000 }) }
}
