import type { Channel } from "./Channel"
import type { Subscriber } from "./Subscriber"

/**
 * One reader of one run. `new`: its answer is not out yet. `lagging`: it is fed pages from the log at its cursor.
 * `room`: it has what was delivered and gets what comes. `ended`: it was sent the end, and
 * waits for the run to be reopened or changed. `closed`: it is no more.
 * `deleted`: its run went before its answer was out; it is told so after it.
 */
export class Subscription {
  readonly connection: SubscriberConnection
  readonly channel: Channel<Subscription>
  state: "new" | "lagging" | "room" | "ended" | "closed" | "deleted" = "new"
  /** How many turns it has; in the room `channel.delivered` stands for it. */
  cursor: number
  hasSnapshot = false
  /** The versions of the run and its progress that it has seen; undefined: none. */
  runSeen: number | undefined
  /** The stage of the end that it was sent last; undefined: none, or the run was reopened since. */
  endSeen: number | undefined
  progressSeen: number | undefined

  constructor(connection: SubscriberConnection, channel: Channel<Subscription>, cursor: number) {
    this.connection = connection
    this.channel = channel
    this.cursor = cursor
  }
}

/** What fanout keeps for one subscriber: its subscriptions, and whose turn it is to get a page. */
export class SubscriberConnection {
  readonly subscriber: Subscriber
  readonly subscriptions = new Map<string, Subscription>()
  /** The one at the front is next. */
  readonly lagging = new Set<Subscription>()
  /** A page is being read for it. */
  isReading = false
  /** When it last took a page, or had nothing to take; on the clock that never jumps. */
  movedAt: number

  constructor(subscriber: Subscriber, now: number) {
    this.subscriber = subscriber
    this.movedAt = now
  }

  /** The lagging subscription whose turn it is; it goes to the back. */
  nextLagging(): Subscription | undefined {
    const [next] = this.lagging
    if (next === undefined) return undefined
    this.lagging.delete(next)
    this.lagging.add(next)
    return next
  }
}
