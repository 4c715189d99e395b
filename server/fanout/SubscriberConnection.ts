import type { Subscriber } from "./Subscriber"
import type { Subscription } from "./Subscription"

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
