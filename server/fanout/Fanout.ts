import type { Principal } from "@/lib/protocol/access"
import type { CommandPayload, Refusal, Reply } from "@/lib/protocol/catalogue"
import { wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { RegistryListener, StoredTurns } from "@/server/registry/RegistryEvents"
import type { RunQueries } from "@/server/registry/RunQueries"
import { notFound, unavailable } from "@/server/registry/refusals"
import type { RunStore } from "@/server/store/RunStore"
import { BOUNDS, type FanoutBounds } from "./bounds"
import { Channel } from "./Channel"
import { PageFeed } from "./PageFeed"
import { RoomFeed } from "./RoomFeed"
import { RunPages } from "./RunPages"
import type { RoomEmitter, Subscriber } from "./Subscriber"
import { SubscriberConnection, Subscription } from "./Subscription"
import { WatchFeed } from "./WatchFeed"

/** What an answer may be followed by: call `begin` once the reply is out. */
export type Following<R> = { reply: R; begin?: () => void }

type Parts = {
  reader: RunQueries
  store: Pick<RunStore, "turns">
  emitRoom: RoomEmitter
  clock: Clock
  /** Ends the connection of a subscriber that has taken no page for 30 s while it lacks one. */
  cutOff?: (subscriber: Subscriber) => void
  bounds?: Partial<FanoutBounds>
}

/**
 * Who hears what. A subscription is a reader of the log at a cursor: fed pages until it has what the run's room was
 * given, in the room from then on, and back on pages when it is slow. Nothing is queued for anybody.
 */
export class Fanout implements RegistryListener {
  readonly #parts: Parts
  readonly #bounds: FanoutBounds
  readonly #channels = new Map<string, Channel<Subscription>>()
  readonly #connections = new Map<Subscriber, SubscriberConnection>()
  readonly #pages: RunPages
  readonly #rooms: RoomFeed
  readonly #laggards: PageFeed
  readonly #watches: WatchFeed
  #watchdog: unknown
  #cutOffs = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#bounds = { ...BOUNDS, ...parts.bounds }
    const { reader, clock, emitRoom } = parts
    const bounds = this.#bounds
    this.#pages = new RunPages(parts.store, bounds)
    const moved = (channel: Channel<Subscription>) => this.#moved(channel)
    this.#rooms = new RoomFeed({ reader, pages: this.#pages, emitRoom, clock, bounds, moved })
    this.#laggards = new PageFeed({ reader, pages: this.#pages, clock, bounds })
    this.#watches = new WatchFeed({ reader, clock, bounds })
    this.#watchdog = clock.setTimeout(() => this.#look(), bounds.watchdogMs)
  }

  /** Subscribes to a run from a cursor on. Events follow `begin`; a subscription to the run that was there before ends with the answer. */
  async subscribe(
    subscriber: Subscriber,
    principal: Principal,
    payload: CommandPayload<"runs.subscribe">,
  ): Promise<Following<Reply<"runs.subscribe">>> {
    const { run_id, cursor = 0 } = payload
    if (this.#isFull(subscriber, run_id)) return { reply: tooManySubscriptions() }
    // There before the run is read: a commit in between raises its cursor instead of being missed.
    const channel = this.#hold(run_id)
    try {
      const run = await this.#parts.reader.get(principal, run_id)
      if (run === undefined || channel.isDeleted) return { reply: notFound() }
      if (this.#isFull(subscriber, run_id)) return { reply: tooManySubscriptions() }
      channel.learnRead(run)
      // The read may be the first to say that the run was reopened.
      this.#moved(channel)
      const now = channel.run ?? run
      const server_time = isoTime(this.#parts.clock.now())
      const { agent_id, status } = now
      const reply = { ok: true as const, run_id, agent_id, cursor: channel.committed, status, server_time }
      if (!subscriber.connected) return { reply }
      const subscription = this.#add(subscriber, channel, cursor > channel.committed ? 0 : cursor)
      return { reply, begin: () => this.#begin(subscription) }
    } catch (cause) {
      return { reply: unavailable(cause) }
    } finally {
      channel.holds -= 1
      this.#tidy(channel)
    }
  }

  /** Ends a subscription; whether there was one. */
  unsubscribe(subscriber: Subscriber, run_id: string): boolean {
    const connection = this.#connections.get(subscriber)
    const subscription = connection?.subscriptions.get(run_id)
    if (subscription === undefined) return false
    this.#remove(subscription)
    return true
  }

  /** Watches a list of runs; a new watch replaces the one before. Events follow `begin`. */
  watch(
    subscriber: Subscriber,
    principal: Principal,
    payload: CommandPayload<"runs.watch">,
  ): Promise<Following<Reply<"runs.watch">>> {
    return this.#watches.watch(subscriber, principal, payload)
  }

  /** Ends a subscriber's watch; whether there was one. */
  unwatch(subscriber: Subscriber): boolean {
    return this.#watches.unwatch(subscriber)
  }

  /** The subscriber's transport takes data again. */
  ready(subscriber: Subscriber): void {
    const connection = this.#connections.get(subscriber)
    if (connection !== undefined) this.#laggards.pump(connection)
    this.#watches.ready(subscriber)
  }

  /** The subscriber's connection is closed: nothing is kept for it. */
  gone(subscriber: Subscriber): void {
    this.#watches.unwatch(subscriber)
    const connection = this.#connections.get(subscriber)
    for (const subscription of [...(connection?.subscriptions.values() ?? [])]) this.#remove(subscription)
    this.#connections.delete(subscriber)
  }

  /** The run is at `cursor` by what another node says: what is new is read from the log. */
  ring(run_id: string, cursor: number): void {
    const channel = this.#channels.get(run_id)
    if (channel !== undefined) this.#rooms.ring(channel, cursor)
  }

  /** Ids of the runs that someone follows. */
  followed(): string[] {
    return [...this.#channels.keys()]
  }

  /** True if someone watches a list. */
  isWatched(): boolean {
    return this.#watches.size > 0
  }

  follows(run_id: string): boolean {
    return this.#channels.has(run_id)
  }

  turnsStored(stored: StoredTurns): void {
    const channel = this.#channels.get(stored.run_id)
    if (channel !== undefined) {
      channel.learn(stored.run())
      this.#rooms.turns(channel, stored)
    }
    this.#watches.grew(stored)
  }

  runChanged(run: RunSummary): void {
    const channel = this.#channels.get(run.run_id)
    if (channel !== undefined) this.#rooms.run(channel, run)
    this.#watches.changed(run, true)
  }

  progressChanged(run: RunSummary, progress: Progress | null): void {
    const channel = this.#channels.get(run.run_id)
    if (channel !== undefined) this.#rooms.progress(channel, run, progress)
    this.#watches.changed(run, false)
  }

  runEnded(run: RunSummary): void {
    const channel = this.#channels.get(run.run_id)
    if (channel !== undefined) this.#rooms.ended(channel, run)
    this.#watches.changed(run, true)
  }

  runDeleted(run_id: string): void {
    this.#pages.forget(run_id)
    this.#watches.deleted(run_id)
    const channel = this.#channels.get(run_id)
    if (channel === undefined) return
    channel.isDeleted = true
    this.#channels.delete(run_id)
    for (const subscription of [...channel.subscriptions]) {
      const isAnswered = subscription.state !== "new"
      this.#remove(subscription)
      if (isAnswered) tellDeleted(subscription)
      else subscription.state = "deleted"
      // A page of this run may have been all that its connection waited for.
      this.#laggards.pump(subscription.connection)
    }
  }

  /** How many there are of what, and how much was read. */
  stats() {
    const states = { new: 0, lagging: 0, room: 0, ended: 0, closed: 0, deleted: 0 }
    for (const channel of this.#channels.values()) {
      for (const subscription of channel.subscriptions) states[subscription.state] += 1
    }
    return {
      subscriptions: { room: states.room, lagging: states.lagging + states.new, ended: states.ended },
      channels: this.#channels.size,
      connections: this.#connections.size,
      watches: this.#watches.size,
      pagesRead: this.#pages.stats.read,
      pagesCached: this.#pages.stats.cached,
      pageBytes: this.#pages.bytes,
      roomFlushes: this.#rooms.flushes,
      cutOffs: this.#cutOffs,
    }
  }

  /** Stops every timer and lets go of everybody. */
  close(): void {
    this.#parts.clock.clearTimeout(this.#watchdog)
    this.#watches.close()
    for (const subscriber of [...this.#connections.keys()]) this.gone(subscriber)
  }

  #isFull(subscriber: Subscriber, run_id: string): boolean {
    const subscriptions = this.#connections.get(subscriber)?.subscriptions
    if (subscriptions === undefined || subscriptions.has(run_id)) return false
    return subscriptions.size >= LIMITS.subscriptionsPerConnection
  }

  #hold(run_id: string): Channel<Subscription> {
    const channel = this.#channels.get(run_id) ?? new Channel(run_id)
    this.#channels.set(run_id, channel)
    channel.holds += 1
    return channel
  }

  #add(subscriber: Subscriber, channel: Channel<Subscription>, cursor: number): Subscription {
    this.unsubscribe(subscriber, channel.run_id)
    const now = this.#parts.clock.monotonic()
    const connection = this.#connections.get(subscriber) ?? new SubscriberConnection(subscriber, now)
    this.#connections.set(subscriber, connection)
    const subscription = new Subscription(connection, channel, cursor)
    connection.subscriptions.set(channel.run_id, subscription)
    channel.subscriptions.add(subscription)
    return subscription
  }

  #begin(subscription: Subscription): void {
    if (subscription.state === "deleted") tellDeleted(subscription)
    if (subscription.state !== "new") return
    this.#lag(subscription)
    this.#laggards.pump(subscription.connection)
  }

  /** From here on, the subscription is fed pages until it is caught up. */
  #lag(subscription: Subscription): void {
    const { connection } = subscription
    subscription.state = "lagging"
    if (connection.lagging.size === 0) connection.movedAt = this.#parts.clock.monotonic()
    connection.lagging.add(subscription)
  }

  #remove(subscription: Subscription): void {
    const { channel, connection } = subscription
    this.#rooms.leave(subscription)
    subscription.state = "closed"
    connection.lagging.delete(subscription)
    connection.subscriptions.delete(channel.run_id)
    channel.subscriptions.delete(subscription)
    this.#tidy(channel)
  }

  /** Lets go of a channel that nobody needs. */
  #tidy(channel: Channel<Subscription>): void {
    if (channel.holds > 0 || channel.subscriptions.size > 0) return
    this.#parts.clock.clearTimeout(channel.flushTimer)
    if (this.#channels.get(channel.run_id) === channel) this.#channels.delete(channel.run_id)
  }

  #moved(channel: Channel<Subscription>): void {
    for (const subscription of channel.subscriptions) {
      if (subscription.state === "ended" && isOutdated(subscription)) this.#lag(subscription)
      if (subscription.state === "lagging") this.#laggards.pump(subscription.connection)
    }
  }

  /** Once a second: goes on where something failed or was never told, and cuts off who takes nothing. */
  #look(): void {
    const { clock, cutOff } = this.#parts
    const now = clock.monotonic()
    for (const channel of this.#channels.values()) {
      const idle = channel.flushTimer === undefined && !channel.isReadingLog
      if (channel.members.size > 0 && idle && !channel.isCaughtUp) this.#rooms.flush(channel)
    }
    for (const connection of [...this.#connections.values()]) {
      this.#laggards.pump(connection)
      const { subscriber, lagging, movedAt } = connection
      const takesNothing = !subscriber.ready || subscriber.queuedBytes() > this.#bounds.highWaterBytes
      if (lagging.size === 0 || !takesNothing || now - movedAt < this.#bounds.stalledMs) continue
      this.#cutOffs += 1
      connection.movedAt = now
      cutOff?.(subscriber)
    }
    this.#watchdog = clock.setTimeout(() => this.#look(), this.#bounds.watchdogMs)
  }
}

/** Whether the run was reopened or changed since the subscription was sent its end. */
function isOutdated({ channel, endSeen, runSeen }: Subscription): boolean {
  return endSeen !== channel.stage || runSeen !== channel.runVersion
}

function tellDeleted({ channel, connection }: Subscription): void {
  const error = { event: "runs.subscribe", run_id: channel.run_id, error: wireError("not_found") }
  connection.subscriber.emit("runs.error", error)
}

function tooManySubscriptions(): Refusal {
  const message = `At most ${LIMITS.subscriptionsPerConnection} subscriptions on one connection.`
  return { ok: false, error: wireError("rate_limited", message, { retry_after_ms: 1_000 }) }
}
