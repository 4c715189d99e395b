import type { Progress } from "@/lib/protocol/run"
import type { TroubleKind } from "@/lib/protocol/words"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { DEFAULT_TROUBLE, type TroubleSettings } from "@/server/platform/TroubleSettings"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import { RunSigns } from "@/server/registry/trouble/RunSigns"
import type { RunRow } from "@/server/store/RunStore"
import { LiveProgress } from "./LiveProgress"
import { RecentTurns } from "./RecentTurns"

/** Live data of a run in progress, besides its stored row. Dropped when the run ends. */
export class LiveRun {
  /** As of the last write to the store. */
  row: RunRow
  readonly recent: RecentTurns
  readonly progress: LiveProgress
  readonly signs: RunSigns
  /** What is wrong with it, as last checked, and since when, ms since the epoch; most severe first. */
  found: ReadonlyMap<TroubleKind, number> = new Map()
  /** What runs of its agent usually cost, if that is known. */
  usualCost: number | undefined
  /** Until then its agent may be on its way back: after a restart of the server. Of the clock that never jumps. */
  quietUntilMs: number | undefined
  /** Where it waits to be checked. */
  step: { readonly number: number; leave(): void } | undefined
  /** Open connections that have written to the run, the last one last. */
  readonly writers = new Set<RunOwner>()
  /** Connections that have received the cancellation request. */
  readonly sentCancel = new WeakSet<RunOwner>()
  owner: RunOwner | undefined
  #seenAt: number | undefined
  #seenMs: number
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
    { windowMs }: Pick<TroubleSettings, "windowMs"> = DEFAULT_TROUBLE,
  ) {
    this.row = row
    this.#clock = clock
    this.#seenMs = clock.monotonic()
    this.signs = new RunSigns(clock, windowMs)
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

  /** Server time, ms since the epoch. */
  get nowMs(): number {
    return this.#clock.now()
  }

  /** When the owner last sent a command for it. */
  get lastSeenAt(): string | undefined {
    return this.#seenAt === undefined ? undefined : isoTime(this.#seenAt)
  }

  /** The same on the clock that never jumps; before the first command, when this process began to hold the run. */
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

  /** Stops its timers and publishes nothing more. */
  stop(): void {
    this.stopGrace()
    this.progress.stop()
    this.step?.leave()
    this.step = undefined
  }
}
