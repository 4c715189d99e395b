import type { Progress } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunRow } from "@/server/store/RunStore"
import { LiveProgress } from "./LiveProgress"
import { RecentTurns } from "./RecentTurns"
import type { RunOwner } from "./RegistryEvents"

/** What is known of a run in progress beside its stored row. Let go of when the run ends. */
export class LiveRun {
  /** As of the last write to the store. */
  row: RunRow
  readonly recent: RecentTurns
  readonly progress: LiveProgress
  /** Open connections that have written to the run, the last one last. */
  readonly writers = new Set<RunOwner>()
  /** Connections that know that a cancel is wanted. */
  readonly toldOfCancel = new WeakSet<RunOwner>()
  owner: RunOwner | undefined
  #signedAt: number | undefined
  disconnectedAt: string | undefined
  graceEndsAt: string | undefined
  graceTimer: unknown
  /** Whether its listeners know it as waiting. */
  toldWaiting = false
  readonly #clock: Clock

  constructor(
    row: RunRow,
    clock: Clock,
    tell: (run: LiveRun, progress: Progress | null) => void,
    redactor?: Redactor,
  ) {
    this.row = row
    this.#clock = clock
    this.recent = new RecentTurns(clock)
    this.progress = new LiveProgress(clock, (progress) => tell(this, progress), redactor)
    this.disconnectedAt = row.disconnected_at
  }

  /** Takes over what a write left in the store, unless something later is known. */
  update(row: RunRow): void {
    if (row.cursor >= this.row.cursor) this.row = row
  }

  /** When the owner last sent a command for it. */
  get lastSignAt(): string | undefined {
    return this.#signedAt === undefined ? undefined : isoTime(this.#signedAt)
  }

  /** Notes a command of the owner's. */
  sign(owner: RunOwner): void {
    if (owner === this.owner) this.#signedAt = this.#clock.now()
  }

  stopGrace(): void {
    this.#clock.clearTimeout(this.graceTimer)
    this.graceTimer = undefined
    this.graceEndsAt = undefined
  }

  /** Stops its timers; nothing is told of it any more. */
  stop(): void {
    this.stopGrace()
    this.progress.stop()
  }
}
