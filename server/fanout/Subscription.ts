import type { Clock } from "@/server/platform/Clock"
import type { FanoutBounds } from "./bounds"
import type { Subscriber } from "./Subscriber"

/** A followed run, as its subscriptions see it. */
export type Feed = {
  readonly run_id: string
  readonly isDeleted: boolean
  /** Nobody subscribes to it, or is about to. */
  readonly isUnused: boolean
  /** Sends a subscription what it lacks, as far as its connection takes it. */
  advance(subscription: Subscription): void
  remove(subscription: Subscription): void
}

/** One subscriber's position in one run. */
export class Subscription {
  /**
   * `new`: the reply hasn't been sent yet. `live`: it has everything that was published. `behind`: it lacks something
   * until its connection drains or the log has been read.
   */
  state: "new" | "live" | "behind" | "closed" = "new"
  hasSnapshot = false
  /** The versions of the run's summary and progress that it has; undefined if none. */
  runSeen: number | undefined
  progressSeen: number | undefined
  /** The stage (`runStage`) of the end that it has; undefined if none, or if the run has been reopened since. */
  endSeen: number | undefined

  constructor(
    readonly connection: SubscriberConnection,
    readonly feed: Feed,
    /** How many turns it has. */
    public cursor: number,
  ) {}
}

/** A subscriber with its subscriptions. Those behind take turns whenever the transport has drained. */
export class SubscriberConnection {
  readonly subscriptions = new Map<string, Subscription>()
  /** A page is being read for a subscription; the others wait. */
  isReading = false
  readonly #behind = new Set<Subscription>()
  /** Since when the transport hasn't drained while a subscription is behind. */
  #blockedSince: number | undefined

  constructor(
    readonly subscriber: Subscriber,
    private readonly clock: Clock,
    private readonly bounds: FanoutBounds,
  ) {}

  /** Whether a subscription may be sent its next event. One that is behind waits for everything to drain. */
  mayTake({ state }: Subscription): boolean {
    const { subscriber, bounds } = this
    return state === "behind" ? subscriber.ready : subscriber.queuedBytes() <= bounds.highWaterBytes
  }

  /** Whether it has taken nothing for too long, although a subscription is behind. */
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

  /** Advances the subscriptions that are behind, one event each in turn, while the transport is ready. */
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
