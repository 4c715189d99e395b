import { LIMITS } from "@/lib/protocol/limits"
import type { RunSummary, RunTermination } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { FanoutBounds } from "./bounds"
import type { Page, RunPages } from "./RunPages"
import type { SubscriberConnection, Subscription } from "./Subscription"
import { reopenedEvent, snapshotText, traceEvent, turnsText } from "./traceEvents"

type Parts = {
  reader: Pick<RunQueries, "progressOf">
  pages: RunPages
  clock: Clock
  bounds: FanoutBounds
}

const NO_TURNS: readonly string[] = []

/**
 * Feeds those who lag, each from its cursor: new, back, slow, it is all one. A page at a time for each connection, in
 * turn over its subscriptions, and only while its transport takes data. A page never goes past what the room was
 * given, so that whoever has it all joins the room without a gap and without a duplicate.
 */
export class PageFeed {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Goes on with a connection's laggards as far as it goes now. */
  pump(connection: SubscriberConnection): void {
    const { subscriber, lagging } = connection
    let stuck = 0
    while (!connection.isReading && stuck < lagging.size && subscriber.connected) {
      const next = connection.nextLagging()
      if (next === undefined) return
      if (next.hasSnapshot && next.cursor >= next.channel.delivered) {
        stuck = this.#settle(next) ? 0 : stuck + 1
        continue
      }
      if (!subscriber.ready) {
        stuck += 1
        continue
      }
      const page = this.#nextPage(next)
      if (page instanceof Promise) this.#sendWhenRead(next, page)
      else this.#send(next, page)
      stuck = 0
    }
  }

  #nextPage({ channel, cursor }: Subscription): Page | Promise<Page> {
    if (cursor >= channel.delivered) return { from: cursor, turns: NO_TURNS, bytes: 0, full: true }
    const upTo = Math.min(channel.delivered, cursor + LIMITS.traceLimit)
    return this.#parts.pages.get(channel.run_id, cursor, upTo)
  }

  #sendWhenRead(subscription: Subscription, reading: Promise<Page>): void {
    const { connection } = subscription
    connection.isReading = true
    reading.then(
      (page) => {
        connection.isReading = false
        const { subscriber } = connection
        const wanted = subscription.state === "lagging" && subscription.cursor === page.from
        // An empty page is a run that is being deleted: the watchdog looks again.
        if (page.turns.length === 0) return
        if (wanted && subscriber.connected && subscriber.ready) this.#send(subscription, page)
        this.pump(connection)
      },
      () => {
        connection.isReading = false
        // The store's trouble isn't the reader's fault; the watchdog tries again.
        connection.movedAt = this.#parts.clock.monotonic()
      },
    )
  }

  #send(subscription: Subscription, page: Page): void {
    const { channel, connection, cursor } = subscription
    const { run } = channel
    if (run === undefined) return
    const room = Math.max(0, channel.delivered - cursor)
    const turns = page.turns.length > room ? page.turns.slice(0, room) : page.turns
    subscription.cursor += turns.length
    connection.movedAt = this.#parts.clock.monotonic()
    this.#announceReopening(subscription, run)
    const text = subscription.hasSnapshot
      ? turnsText(run, cursor, turns)
      : this.#firstPage(subscription, run, cursor, turns)
    connection.subscriber.emitText("runs.trace.event", text)
    // In the same tick: before anything else is delivered to the room.
    if (subscription.cursor >= channel.delivered) this.#settle(subscription)
  }

  #firstPage(subscription: Subscription, run: RunSummary, from: number, turns: readonly string[]): string {
    const { channel } = subscription
    subscription.hasSnapshot = true
    subscription.runSeen = channel.runVersion
    const more = subscription.cursor < channel.delivered
    const atEdge = !more && !channel.isProgressHeld && channel.termination === undefined
    if (atEdge) subscription.progressSeen = channel.progressVersion
    const progress = atEdge ? this.#parts.reader.progressOf(channel.run_id) : undefined
    return snapshotText(run, from, turns, more, progress)
  }

  /** At the live edge: joins the room, or is told of the end. False when it has to wait. */
  #settle(subscription: Subscription): boolean {
    const { channel, connection, cursor } = subscription
    const { subscriber } = connection
    if (cursor !== channel.delivered) return false
    if (subscriber.queuedBytes() > this.#parts.bounds.highWaterBytes) return false
    connection.lagging.delete(subscription)
    connection.movedAt = this.#parts.clock.monotonic()
    const { run, termination } = channel
    if (run === undefined) return true
    this.#announceReopening(subscription, run)
    if (termination !== undefined && cursor >= channel.committed) {
      this.#settleEnded(subscription, run, termination)
      return true
    }
    subscription.state = "room"
    channel.members.add(subscription)
    subscriber.join(channel.room)
    this.#tellMissed(subscription)
    return true
  }

  /** Sends the end, once; later changes of an ended run are sent as such. */
  #settleEnded(subscription: Subscription, run: RunSummary, termination: RunTermination): void {
    const { channel, connection } = subscription
    const isEndSeen = subscription.endSeen === channel.stage
    subscription.state = "ended"
    subscription.endSeen = channel.stage
    if (isEndSeen && subscription.runSeen === channel.runVersion) return
    subscription.runSeen = channel.runVersion
    const record = isEndSeen
      ? { record: "run" as const, run }
      : { record: "ended" as const, run, termination }
    connection.subscriber.emit("runs.trace.event", traceEvent(run, record))
  }

  /** After an end, the first event of a reopened run says that it is in progress again. */
  #announceReopening(subscription: Subscription, run: RunSummary): void {
    const { channel, endSeen } = subscription
    if (endSeen === undefined || endSeen === channel.stage) return
    subscription.endSeen = undefined
    subscription.runSeen = channel.runVersion
    subscription.connection.subscriber.emit("runs.trace.event", reopenedEvent(run))
  }

  /** What the room was told while this one lagged, in its newest form. */
  #tellMissed(subscription: Subscription): void {
    const { channel, connection, runSeen, progressSeen } = subscription
    const { run } = channel
    if (run === undefined || channel.termination !== undefined) return
    if (runSeen !== channel.runVersion) {
      connection.subscriber.emit("runs.trace.event", traceEvent(run, { record: "run", run }))
    }
    if (progressSeen === channel.progressVersion || channel.isProgressHeld) return
    const progress = this.#parts.reader.progressOf(channel.run_id) ?? null
    if (progress === null && progressSeen === undefined) return
    const record = { record: "progress" as const, index: run.cursor, progress }
    connection.subscriber.emit("runs.trace.event", traceEvent(run, record))
  }
}
