import { AgentError, withIssues } from "@/lib/agent/AgentError"
import { noteTurn } from "@/lib/agent/turn/noteTurn"
import { shrinkTurn } from "@/lib/agent/turn/shrinkTurn"
import type { DropReason, WireError } from "@/lib/protocol/codes"
import type { TurnBatch, TurnQueue } from "./TurnQueue"

/** A batch above this size is suspected to be the cause if the connection is lost three times while sending it. */
const SUSPECT_BYTES = 256 * 1024
const MAX_LOSSES = 3
const MAX_INTERNAL_ERRORS = 5
/** The `event` of a turn that replaces a refused one. */
const NOTE_EVENT = "turn_refused"

/** Gets a run past turns that the server never accepts: bisects the batch and replaces the bad turn with a note. */
export class BatchBisector {
  private internalErrors = 0
  private losses = 0
  private full = false

  constructor(
    private readonly queue: TurnQueue,
    private readonly report: (error: AgentError) => void,
  ) {}

  /** True if the run has as many turns as the server allows. */
  get isFull(): boolean {
    return this.full
  }

  /** Call after a batch was stored. */
  onStored(): void {
    this.internalErrors = 0
    this.losses = 0
  }

  /**
   * Returns true if an error concerns the turns themselves, so that sending them again unchanged is pointless. Call it
   * once per error: `internal` errors do so only after several attempts.
   */
  isAboutTurns(error: WireError): boolean {
    if (error.code === "invalid_params" || error.code === "too_large") return true
    return error.code === "internal" && ++this.internalErrors >= MAX_INTERNAL_ERRORS
  }

  /**
   * Splits the refused head batch, or replaces its only turn with a note.
   *
   * @returns how many turns were dropped, or undefined if even the note was refused.
   */
  onRefused(batch: TurnBatch, error: WireError, dropped: DropReason | undefined): number | undefined {
    this.internalErrors = 0
    if (batch.turns.length > 1) {
      this.queue.split()
      return 0
    }
    if (dropped === "run_turn_limit") return this.onTurnLimit(error)
    if (batch.turns[0]?.event === NOTE_EVENT) return undefined
    const issues = error.issues ?? []
    this.report(
      new AgentError("turn_refused", `The server refused a turn: ${withIssues(error)}`, {
        dropped_turns: 1,
        issues,
      }),
    )
    const details = { refused: error.code, issues: issues.map((issue) => `${issue.path}: ${issue.message}`) }
    this.queue.replaceFirst(noteTurn(NOTE_EVENT, "The server refused a turn.", details))
    return 0
  }

  /** Call this when the connection was lost while this batch was being sent. */
  onLost(batch: TurnBatch): void {
    if (batch.bytes > SUSPECT_BYTES) this.losses++
  }

  /** Returns true if three connections were lost while sending this batch, perhaps because of its size. */
  isSuspect(batch: TurnBatch): boolean {
    return this.losses >= MAX_LOSSES && batch.bytes > SUSPECT_BYTES
  }

  /**
   * Makes the head batch smaller. The original batch may still reach the server, over a connection that was abandoned.
   * Both batches have the same index, so only one of them is stored.
   */
  shrinkHead(batch: TurnBatch): void {
    this.losses = 0
    const [turn] = batch.turns
    this.queue.split(false)
    if (turn === undefined || batch.turns.length > 1) return
    const smaller = shrinkTurn({ turn, bytes: batch.bytes }, SUSPECT_BYTES)
    this.report(turnCutError(batch.bytes, smaller.leftOut))
    this.queue.replaceFirst(smaller)
  }

  private onTurnLimit(error: WireError): number {
    this.full = true
    const dropped = this.queue.clear()
    this.report(new AgentError("too_large", error.message, { dropped_turns: dropped }))
    return dropped
  }
}

/** Returns the error for a turn that was recorded without its largest fields. */
export function turnCutError(bytes: number, leftOut: readonly string[]): AgentError {
  return new AgentError("turn_cut", `A turn of ${bytes} bytes is too large; left out: ${leftOut.join(", ")}.`)
}
