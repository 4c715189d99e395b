import { AgentError } from "@/lib/agent/AgentError"
import { noteTurn } from "@/lib/agent/turn/noteTurn"
import { shrinkTurn } from "@/lib/agent/turn/shrinkTurn"
import type { DropReason, WireError } from "@/lib/protocol/codes"
import type { TurnBatch, TurnQueue } from "./TurnQueue"

/** A batch over this size that goes down with its connection three times is taken to be the reason. */
const SUSPECT_BYTES = 256 * 1024
const SUSPECT_LOSSES = 3
const INTERNAL_TRIES = 5

/** Gets a run past turns that the server will never take: finds them by halving batches, and puts a note in their place. */
export class BatchBisector {
  private internalErrors = 0
  private losses = 0
  private full = false

  constructor(
    private readonly queue: TurnQueue,
    private readonly report: (error: AgentError) => void,
  ) {}

  /** Whether the run holds as many turns as the server allows. */
  get isFull(): boolean {
    return this.full
  }

  /** A batch was stored. */
  passed(): void {
    this.internalErrors = 0
    this.losses = 0
  }

  /** Whether an error is about the turns themselves, so that sending them again as they are is no use. */
  isAboutTurns(error: WireError): boolean {
    if (error.code === "invalid_params" || error.code === "too_large") return true
    return error.code === "internal" && ++this.internalErrors >= INTERNAL_TRIES
  }

  /** Makes the refused head batch smaller, down to the one turn that is to blame; how many turns are given up, or undefined when even a note is refused. */
  sift(batch: TurnBatch, error: WireError, dropped: DropReason | undefined): number | undefined {
    this.internalErrors = 0
    if (batch.turns.length > 1) {
      this.queue.split()
      return 0
    }
    if (dropped === "run_turn_limit") return this.becomeFull(error)
    if (batch.turns[0]?.attributes?.refused !== undefined) return undefined
    const issues = error.issues ?? []
    this.report(
      new AgentError("turn_refused", `a turn was refused: ${error.message}`, { dropped_turns: 1, issues }),
    )
    const note = { refused: error.code, issues: issues.map((issue) => `${issue.path}: ${issue.message}`) }
    this.queue.replaceFirst(noteTurn("turn_refused", "A turn was refused by the server.", note))
    return 0
  }

  private becomeFull(error: WireError): number {
    this.full = true
    const dropped = this.queue.clear()
    this.report(new AgentError("too_large", error.message, { dropped_turns: dropped }))
    return dropped
  }

  /** The connection went down while this batch was under way. */
  lost(batch: TurnBatch): void {
    if (batch.bytes > SUSPECT_BYTES) this.losses++
  }

  /** Three connections went down with the head batch: makes it smaller. Only when it is certain that it is not stored. */
  lighten(): void {
    if (this.losses < SUSPECT_LOSSES) return
    this.losses = 0
    const batch = this.queue.head()
    const turn = batch?.turns[0]
    if (batch === undefined || turn === undefined || batch.bytes <= SUSPECT_BYTES) return
    if (batch.turns.length > 1) {
      this.queue.split()
      return
    }
    const lighter = shrinkTurn({ turn, bytes: batch.bytes }, SUSPECT_BYTES)
    this.report(cutError(batch.bytes, lighter.leftOut))
    this.queue.replaceFirst(lighter)
  }
}

/** What `onError` hears of a turn that was recorded without its largest fields. */
export function cutError(bytes: number, leftOut: readonly string[]): AgentError {
  return new AgentError("turn_cut", `a turn of ${bytes} bytes is too large; left out: ${leftOut.join(", ")}`)
}
