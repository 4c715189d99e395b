import { AgentError } from "@/lib/agent/AgentError"
import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { cutError } from "@/lib/agent/delivery/BatchBisector"
import type { BufferBudget } from "@/lib/agent/delivery/BufferBudget"
import type { TurnQueue } from "@/lib/agent/delivery/TurnQueue"
import { DEFAULT_LIMITS } from "@/lib/protocol/limits"
import { noteTurn } from "./noteTurn"
import { prepareTurn } from "./prepareTurn"
import type { Redaction } from "./Redaction"
import { shrinkTurn } from "./shrinkTurn"
import { stampTurn } from "./stampTurn"

/** A turn's JSON may be this large; the server adds its own fields to it. */
const MAX_TURN_BYTES = DEFAULT_LIMITS.maxTurnBytes - 8 * 1024

/** Takes a run's turns in: stamps them, makes them fit, and counts those that there is no room for. */
export class TurnRecorder {
  /** How many turns were put into the queue, notes included. */
  recorded = 0
  private dropped = 0
  private beganAt: number | undefined

  constructor(
    private readonly queue: TurnQueue,
    private readonly budget: BufferBudget,
    private readonly redaction: Redaction,
    private readonly report: (error: AgentError) => void,
  ) {}

  /** Something of the next turn was seen: its beginning, unless it has one already. */
  begin(): void {
    this.beganAt ??= Date.now()
  }

  /** Puts a turn into the queue; false when it was only counted, because the buffer is full. */
  record(turn: AgentTurn): boolean {
    let prepared = this.redaction.turn(prepareTurn(stampTurn(turn, Date.now(), this.beganAt)))
    this.beganAt = undefined
    if (prepared.bytes > MAX_TURN_BYTES) {
      const shrunk = shrinkTurn(prepared, MAX_TURN_BYTES)
      this.report(cutError(prepared.bytes, shrunk.leftOut))
      prepared = shrunk
    }
    this.noteDropped(false)
    // Newer turns go behind the gap or nowhere: what is in the trace stays in order.
    const kept =
      this.dropped === 0 &&
      this.queue.push(turn.child === undefined ? prepared : { ...prepared, child: turn.child })
    if (kept) this.recorded++
    else if (++this.dropped === 1)
      this.report(new AgentError("buffer_full", "the buffer is full; turns are dropped until there is room"))
    return kept
  }

  /** Puts a note in the place of the turns that had no room, if there is room now; `force`: room or not. */
  noteDropped(force: boolean): void {
    if (this.dropped === 0 || !(force || this.budget.open)) return
    const count = this.dropped
    this.dropped = 0
    this.recorded++
    this.queue.push(
      noteTurn("turns_dropped", `${count} turns were not recorded: the buffer was full.`, { count }),
      true,
    )
  }
}
