import type { Progress } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunRow } from "@/server/store/RunStore"
import { LiveProgress } from "./LiveProgress"
import { RecentTurns } from "./RecentTurns"
import type { RunOwner } from "./RegistryEvents"

/** Live data of a run in progress, besides its stored row. Dropped when the run ends. */
export class LiveRun {
  /** As of the last write to the store. */
  row: RunRow
  readonly recent: RecentTurns
  readonly progress: LiveProgress
  /** Open connections that have written to the run, the last one last. */
  readonly writers = new Set<RunOwner>()
  /** Connections that have received the cancellation request. */
  readonly toldOfCancel = new WeakSet<RunOwner>()
  owner: RunOwner | undefined
  #seenAt: number | undefined
  disconnectedAt: string | undefined
  graceEndsAt: string | undefined
  graceTimer: unknown
  /** Whether the last published summary said that it is waiting. */
  isWaitingPublished = false
  readonly #clock: Clock

  constructor(
    row: RunRow,
    clock: Clock,
    publish: (run: LiveRun, progress: Progress | null) => void,
    redactor?: Redactor,
  ) {
    this.row = row
    this.#clock = clock
    this.recent = new RecentTurns(clock)
    this.progress = new LiveProgress(clock, (progress) => publish(this, progress), redactor)
    this.disconnectedAt = row.disconnected_at
  }

  /** Adopts the row that a write has left in the store, unless a later one is known. */
  update(row: RunRow): void {
    if (row.cursor >= this.row.cursor) this.row = row
  }

  /** When the owner last sent a command for it. */
  get lastSeenAt(): string | undefined {
    return this.#seenAt === undefined ? undefined : isoTime(this.#seenAt)
  }

  /** Records the time of a command from the owner. */
  markSeen(owner: RunOwner): void {
    if (owner === this.owner) this.#seenAt = this.#clock.now()
  }

  stopGrace(): void {
    this.#clock.clearTimeout(this.graceTimer)
    this.graceTimer = undefined
    this.graceEndsAt = undefined
  }

  /** Stops its timers and publishes nothing more. */
  stop(): void {
    this.stopGrace()
    this.progress.stop()
  }
}
