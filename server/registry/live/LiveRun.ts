import type { TroubleKind } from "@/lib/protocol/enums"
import type { Progress } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { DEFAULT_TROUBLE, type TroubleSettings } from "@/server/platform/TroubleSettings"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import { RunSigns } from "@/server/registry/trouble/RunSigns"
import type { RunRow } from "@/server/store/RunStore"
import { LiveProgress } from "./LiveProgress"
import { RecentTurns } from "./RecentTurns"

/** A run in progress: its stored row and its live data. Dropped when the run ends. */
export class LiveRun {
  /** The stored row, as of the last known write. */
  row: RunRow
  readonly recent: RecentTurns
  readonly progress: LiveProgress
  readonly signs: RunSigns
  /**
   * The kinds of trouble found by the last check, most severe first, with their start in milliseconds since the epoch.
   */
  found: ReadonlyMap<TroubleKind, number> = new Map()
  /** The usual cost of the agent's runs, if known. */
  usualCost: number | undefined
  /** Until this monotonic time, the agent may still be reconnecting after a restart. */
  quietUntilMs: number | undefined
  /** The step of `TroubleWatch` in which this run will be checked. */
  step: { readonly number: number; leave(): void } | undefined
  /** Open connections that have written to the run. The connection that became the owner most recently comes last. */
  readonly writers = new Set<RunOwner>()
  /** Connections that have received the cancellation request. */
  readonly sentCancel = new WeakSet<RunOwner>()
  owner: RunOwner | undefined
  #seenAt: number | undefined
  #seenMs: number
  disconnectedAt: string | undefined
  graceEndsAt: string | undefined
  graceTimer: unknown
  /** The value of `isWaiting` in the last published summary. */
  isWaitingPublished = false
  readonly #clock: Clock

  constructor(
    row: RunRow,
    clock: Clock,
    publish: (run: LiveRun, progress: Progress | null) => void,
    redactor?: Redactor,
    { windowMs }: Pick<TroubleSettings, "windowMs"> = DEFAULT_TROUBLE,
  ) {
    this.row = row
    this.#clock = clock
    this.#seenMs = clock.monotonic()
    this.signs = new RunSigns(clock, windowMs)
    this.recent = new RecentTurns(clock)
    const startedMs = Date.parse(row.started_at)
    this.progress = new LiveProgress(clock, (progress) => publish(this, progress), redactor, startedMs)
    this.disconnectedAt = row.disconnected_at
  }

  /** Adopts the row after a write, unless a later version of the row is known. */
  update(row: RunRow): void {
    if (row.cursor >= this.row.cursor) this.row = row
  }

  /**
   * Returns true if the stored owner is a connection of this node, which means that no other node has taken over the
   * run.
   */
  isOwnedBy(storedOwner: string): boolean {
    return this.row.owner === storedOwner || [...this.writers].some(({ id }) => id === storedOwner)
  }

  /**
   * Adopts fields that other nodes may change: children, continuations, cancellation. Returns true if any of them has
   * changed.
   */
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

  /** Server time, ms since the epoch. */
  get nowMs(): number {
    return this.#clock.now()
  }

  /** When the owner last sent a command for the run. */
  get lastSeenAt(): string | undefined {
    return this.#seenAt === undefined ? undefined : isoTime(this.#seenAt)
  }

  /**
   * When the owner last sent a command for the run, in monotonic time. Before the first command: when this process
   * started holding the run.
   */
  get seenMs(): number {
    return this.#seenMs
  }

  /** Records the time of a command from the owner. */
  markSeen(owner: RunOwner): void {
    if (owner !== this.owner) return
    this.#seenAt = this.#clock.now()
    this.#seenMs = this.#clock.monotonic()
  }

  stopGrace(): void {
    this.#clock.clearTimeout(this.graceTimer)
    this.graceTimer = undefined
    this.graceEndsAt = undefined
  }

  /** Stops all timers and stops publishing. */
  stop(): void {
    this.stopGrace()
    this.progress.stop()
    this.step?.leave()
    this.step = undefined
  }
}
