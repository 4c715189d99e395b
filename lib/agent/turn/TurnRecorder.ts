import { AgentError } from "@/lib/agent/AgentError"
import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { turnCutError } from "@/lib/agent/delivery/BatchBisector"
import type { BufferBudget } from "@/lib/agent/delivery/BufferBudget"
import type { TurnQueue } from "@/lib/agent/delivery/TurnQueue"
import { DEFAULT_LIMITS } from "@/lib/protocol/limits"
import { noteTurn } from "./noteTurn"
import { prepareTurn } from "./prepareTurn"
import type { Redaction } from "./Redaction"
import { shrinkTurn } from "./shrinkTurn"
import { stampTurn } from "./stampTurn"

/** Maximum size of a turn's JSON, with a margin for fields that the server adds. */
const MAX_TURN_BYTES = DEFAULT_LIMITS.maxTurnBytes - 8 * 1024

/** Accepts a run's turns: sets their times, makes them fit the limits, and counts those dropped for lack of memory. */
export class TurnRecorder {
  /** How many turns were queued, including notes. */
  recorded = 0
  private dropped = 0
  private beganAt: number | undefined

  constructor(
    private readonly queue: TurnQueue,
    private readonly budget: BufferBudget,
    private readonly redaction: Redaction,
    private readonly report: (error: AgentError) => void,
  ) {}

  /** Marks now as the start of the next turn, unless a start is already marked. */
  begin(): void {
    this.beganAt ??= Date.now()
  }

  /** Queues a turn. Returns false if the buffer is full and the turn was only counted. */
  record(turn: AgentTurn): boolean {
    let prepared = this.redaction.turn(prepareTurn(stampTurn(turn, Date.now(), this.beganAt)))
    this.beganAt = undefined
    if (prepared.bytes > MAX_TURN_BYTES) {
      const shrunk = shrinkTurn(prepared, MAX_TURN_BYTES)
      this.report(turnCutError(prepared.bytes, shrunk.leftOut))
      prepared = shrunk
    }
    this.recordDropped(false)
    // Once a turn was dropped, newer turns are dropped too until a note is queued, so that the trace stays in order.
    const queued =
      this.dropped === 0 &&
      this.queue.push(turn.child === undefined ? prepared : { ...prepared, child: turn.child })
    if (queued) this.recorded++
    else if (++this.dropped === 1)
      this.report(new AgentError("buffer_full", "The buffer is full. Turns are dropped until there is room."))
    return queued
  }

  /** Queues a note in place of dropped turns once there is room, or immediately with `force`. */
  recordDropped(force: boolean): void {
    if (this.dropped === 0 || !(force || this.budget.isOpen)) return
    const count = this.dropped
    this.dropped = 0
    this.recorded++
    const message = `${count} turns were dropped because the agent's buffer was full.`
    this.queue.push(noteTurn("turns_dropped", message, { count }), true)
  }
}
