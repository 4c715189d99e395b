import type { Clock } from "@/server/platform/Clock"
import type { FanoutBounds } from "./bounds"
import type { Subscriber } from "./Subscriber"

/** The interface of a followed run for its subscriptions. */
export type Feed = {
  readonly run_id: string
  readonly isDeleted: boolean
  /** True if the run has no subscriptions, and none is about to be added. */
  readonly isUnused: boolean
  /** Sends a subscription what it needs, until its connection has too much queued. */
  advance(subscription: Subscription): void
  remove(subscription: Subscription): void
}

/** One subscriber's position in one run. */
export class Subscription {
  /**
   * `new`: the reply hasn't been sent yet. `live`: the subscriber has everything that was published. `behind`: the
   * subscription is waiting for its connection to drain or for a page of the log.
   */
  state: "new" | "live" | "behind" | "closed" = "new"
  hasSnapshot = false
  /** The versions of the summary and the progress that were last sent; undefined if none was sent. */
  runSeen: number | undefined
  progressSeen: number | undefined
  /**
   * The stage (`runStage`) of the end that the subscriber has received; undefined if it has received none, or after a
   * reopening.
   */
  endSeen: number | undefined

  constructor(
    readonly connection: SubscriberConnection,
    readonly feed: Feed,
    /** The number of turns that the subscriber has. */
    public cursor: number,
  ) {}
}

/**
 * A subscriber with its subscriptions. Subscriptions that are behind are served in rotation whenever the transport has
 * drained.
 */
export class SubscriberConnection {
  readonly subscriptions = new Map<string, Subscription>()
  /** True while a page is being read for one subscription. The other subscriptions wait. */
  isReading = false
  readonly #behind = new Set<Subscription>()
  /** When the transport stopped draining while a subscription was behind; undefined if it drains. */
  #blockedSince: number | undefined

  constructor(
    readonly subscriber: Subscriber,
    private readonly clock: Clock,
    private readonly bounds: FanoutBounds,
  ) {}

  /**
   * Returns true if a subscription may get its next event. A subscription that is behind waits until the transport has
   * drained.
   */
  mayTake({ state }: Subscription): boolean {
    const { subscriber, bounds } = this
    return state === "behind" ? subscriber.ready : subscriber.queuedBytes() <= bounds.highWaterBytes
  }

  /** True if the transport hasn't drained for too long while a subscription is behind. */
  get isStalled(): boolean {
    const { clock, bounds, subscriber } = this
    if (this.#blockedSince === undefined || !subscriber.connected) return false
    return clock.monotonic() - this.#blockedSince >= bounds.stalledMs
  }

  fallBehind(subscription: Subscription): void {
    subscription.state = "behind"
    this.#behind.add(subscription)
  }

  goLive(subscription: Subscription): void {
    subscription.state = "live"
    this.#behind.delete(subscription)
  }

  remove(subscription: Subscription): void {
    subscription.state = "closed"
    this.#behind.delete(subscription)
    if (this.subscriptions.get(subscription.feed.run_id) === subscription)
      this.subscriptions.delete(subscription.feed.run_id)
  }

  /** Advances the subscriptions that are behind, in rotation, while the transport is ready. */
  pump(): void {
    const { subscriber } = this
    while (subscriber.connected && subscriber.ready && !this.isReading) {
      const [next] = this.#behind
      if (next === undefined) break
      this.#behind.delete(next)
      this.#behind.add(next)
      this.#blockedSince = undefined
      next.feed.advance(next)
    }
    if (this.#behind.size === 0 || subscriber.ready) this.#blockedSince = undefined
    else this.#blockedSince ??= this.clock.monotonic()
  }
}
