import { parseExact } from "@/lib/protocol/exactNumbers"
import type { Progress, RunSummary, RunTermination } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"
import { runStage } from "@/lib/trace/state/runStage"
import type { Clock } from "@/server/platform/Clock"
import type { StoredTurns } from "@/server/registry/RegistryEvents"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { FanoutBounds } from "./bounds"
import type { Channel } from "./Channel"
import type { Page, RunPages } from "./RunPages"
import type { RoomEmitter } from "./Subscriber"
import type { Subscription } from "./Subscription"
import { traceEvent } from "./traceEvents"

type Parts = {
  reader: Pick<RunQueries, "progressOf">
  pages: RunPages
  emitRoom: RoomEmitter
  clock: Clock
  bounds: FanoutBounds
  /** The room got further, or a member left it for pages: those who lag may go on. */
  moved(channel: Channel<Subscription>): void
}

/**
 * Feeds the rooms: one frame to all who are caught up, the first at once, what follows within 16 ms gathered.
 * Before each frame those who have too much queued leave at their cursor; they are laggards from then on.
 */
export class RoomFeed {
  readonly #parts: Parts
  flushes = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Turns were committed. */
  turns(channel: Channel<Subscription>, stored: StoredTurns): void {
    channel.gather(stored)
    if (channel.members.size === 0) this.#parts.moved(channel)
    else this.#flushSoon(channel)
  }

  /** The run is at `cursor`, whatever it holds: what is not known of it is read from the log. */
  ring(channel: Channel<Subscription>, cursor: number): void {
    channel.commitUpTo(cursor)
    if (channel.members.size === 0) this.#parts.moved(channel)
    else if (!channel.isCaughtUp) {
      channel.needsLog = true
      this.#flushSoon(channel)
    }
  }

  /** The run's own data changed: told at once, and to those who lag when they are back. */
  run(channel: Channel<Subscription>, told: RunSummary): void {
    if (runStage(told) < channel.stage) return
    const run = channel.learn(told)
    // Before it counts as sent: a member that leaves now has not seen it.
    const hasMembers = this.#expelSlow(channel)
    channel.runVersion += 1
    // Members have not been sent the end yet, and it carries the run.
    if (hasMembers && run.termination === undefined) {
      this.#emit(channel, traceEvent(run, { record: "run", run }))
    }
    this.#parts.moved(channel)
  }

  /** Told when the turns before it are. */
  progress(channel: Channel<Subscription>, told: RunSummary, progress: Progress | null): void {
    if (runStage(told) < channel.stage) return
    const run = channel.learn(told)
    const hasMembers = this.#expelSlow(channel)
    channel.progressVersion += 1
    if (!hasMembers) return
    channel.isProgressHeld = !channel.isCaughtUp
    if (!channel.isProgressHeld) this.#emitProgress(channel, run, progress)
  }

  /** The run has ended: what is gathered goes out, and then the end. */
  ended(channel: Channel<Subscription>, run: RunSummary): void {
    channel.learn(run)
    channel.isProgressHeld = false
    if (channel.members.size === 0) this.#parts.moved(channel)
    else this.flush(channel)
  }

  /** Delivers all that can be delivered now. */
  flush(channel: Channel<Subscription>): void {
    this.#parts.clock.clearTimeout(channel.flushTimer)
    channel.flushTimer = undefined
    channel.flushedAt = this.#parts.clock.monotonic()
    while (this.#expelSlow(channel)) {
      const frame = channel.takeFrame(this.#parts.bounds.frameBytes)
      if (frame === undefined) break
      this.#emitTurns(channel, frame.from, frame.turns)
    }
    if (channel.members.size > 0 && !channel.isCaughtUp) this.#readLog(channel)
    else this.#caughtUp(channel)
    this.#parts.moved(channel)
  }

  /** Takes a member out of the room, at its cursor. */
  leave(subscription: Subscription): void {
    const { channel } = subscription
    if (!channel.members.delete(subscription)) return
    subscription.connection.subscriber.leave(channel.room)
    subscription.cursor = channel.delivered
    subscription.runSeen = channel.runVersion
    subscription.progressSeen = channel.isProgressHeld ? -1 : channel.progressVersion
    if (channel.members.size === 0) this.#emptied(channel)
  }

  #emptied(channel: Channel<Subscription>): void {
    this.#parts.clock.clearTimeout(channel.flushTimer)
    channel.flushTimer = undefined
    channel.isProgressHeld = false
    channel.skipToCommitted()
    // Later, since a frame may be under way: whoever joins in the middle of it would get the rest of it twice.
    queueMicrotask(() => this.#parts.moved(channel))
  }

  #flushSoon(channel: Channel<Subscription>): void {
    const { clock, bounds } = this.#parts
    const wait = channel.flushedAt + bounds.gatherMs - clock.monotonic()
    if (wait <= 0 || channel.gatheredChars >= bounds.frameBytes) this.flush(channel)
    else channel.flushTimer ??= clock.setTimeout(() => this.flush(channel), wait)
  }

  /** Sends those who have too much queued back to pages; whether anybody is left. */
  #expelSlow(channel: Channel<Subscription>): boolean {
    for (const member of channel.members) {
      const { subscriber, lagging } = member.connection
      if (subscriber.queuedBytes() <= this.#parts.bounds.highWaterBytes) continue
      this.leave(member)
      member.state = "lagging"
      member.connection.movedAt = this.#parts.clock.monotonic()
      lagging.add(member)
    }
    return channel.members.size > 0
  }

  #emitTurns(channel: Channel<Subscription>, from: number, turns: RunTurn[]): void {
    const { run } = channel
    if (run === undefined) return
    this.flushes += 1
    this.#emit(channel, traceEvent(run, { record: "turns", from, turns }, from + turns.length))
  }

  #emitProgress(channel: Channel<Subscription>, run: RunSummary, progress: Progress | null): void {
    this.#emit(channel, traceEvent(run, { record: "progress", index: run.cursor, progress }))
  }

  #emit(channel: Channel<Subscription>, event: ReturnType<typeof traceEvent>): void {
    this.#parts.emitRoom(channel.room, "runs.trace.event", event)
  }

  #caughtUp(channel: Channel<Subscription>): void {
    channel.needsLog = false
    const { run, termination } = channel
    if (channel.members.size === 0 || run === undefined) return
    if (termination !== undefined) {
      this.#end(channel, run, termination)
    } else if (channel.isProgressHeld && this.#expelSlow(channel)) {
      channel.isProgressHeld = false
      this.#emitProgress(channel, run, this.#parts.reader.progressOf(channel.run_id) ?? null)
    }
  }

  #end(channel: Channel<Subscription>, run: RunSummary, termination: RunTermination): void {
    if (!this.#expelSlow(channel)) return
    this.#emit(channel, traceEvent(run, { record: "ended", run, termination }))
    for (const member of channel.members) {
      this.leave(member)
      member.state = "ended"
      member.endSeen = channel.stage
    }
  }

  /** Reads what the room lacks from the log and goes on from there. */
  #readLog(channel: Channel<Subscription>): void {
    if (channel.isReadingLog) return
    channel.needsLog = true
    channel.isReadingLog = true
    const from = channel.delivered
    Promise.resolve(this.#parts.pages.get(channel.run_id, from, channel.committed)).then(
      (page) => {
        channel.isReadingLog = false
        if (channel.isDeleted || !channel.needsLog) return
        // The room may have emptied, and filled further on, in the meantime.
        if (channel.delivered === from) this.#deliverPage(channel, page)
        else this.flush(channel)
      },
      // The watchdog tries again.
      () => {
        channel.isReadingLog = false
      },
    )
  }

  #deliverPage(channel: Channel<Subscription>, page: Page): void {
    if (page.turns.length === 0 || !this.#expelSlow(channel)) return
    channel.delivered += page.turns.length
    const turns = page.turns.map((turn) => parseExact(turn) as RunTurn)
    this.#emitTurns(channel, page.from, turns)
    this.flush(channel)
  }
}
