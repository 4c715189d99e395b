import type { Progress } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import type { RunRow } from "@/server/store/RunStore"
import { LiveProgress } from "./LiveProgress"
import { RecentTurns } from "./RecentTurns"

/** Live data of a run in progress, besides its stored row. Dropped when the run ends. */
export class LiveRun {
  /** As of the last write to the store. */
  row: RunRow
  readonly recent: RecentTurns
  readonly progress: LiveProgress
  /** Open connections that have written to the run, the last one last. */
  readonly writers = new Set<RunOwner>()
  /** Connections that have received the cancellation request. */
  readonly sentCancel = new WeakSet<RunOwner>()
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

  /** True if the owner that the store has is one that this node knows of: no other node has taken the run over. */
  isOwnedBy(storedOwner: string): boolean {
    return this.row.owner === storedOwner || [...this.writers].some(({ id }) => id === storedOwner)
  }

  /** Adopts what other nodes may change in the stored row: children, continuations, cancellation. Returns true if anything changed. */
  mergeStored(stored: RunRow): boolean {
    const { child_count, continued_by, cancel_requested_at, cancel_reason } = stored
    const merged = {
      ...this.row,
      child_count,
      ...(continued_by !== undefined && { continued_by }),
      ...(cancel_requested_at !== undefined && { cancel_requested_at }),
      ...(cancel_reason !== undefined && { cancel_reason }),
    }
    const isSame =
      merged.child_count === this.row.child_count &&
      merged.cancel_requested_at === this.row.cancel_requested_at &&
      merged.continued_by?.run_id === this.row.continued_by?.run_id
    this.row = merged
    return !isSame
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
