import type { RunSummary, RunTermination } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"
import { runStage } from "@/lib/trace/state/runStage"
import type { PlacedTurn, StoredTurns } from "@/server/registry/RegistryEvents"

/**
 * What this node knows about one followed run: how far it is committed, how far it was delivered to the room of
 * subscribers that are caught up, and the turns in between, which are gathered for the next frame.
 * While the room is empty, nothing is gathered and `delivered` is `committed`.
 */
export class Channel<Member> {
  readonly run_id: string
  readonly room: string
  /** All subscriptions, whatever their state. */
  readonly subscriptions = new Set<Member>()
  /** Those in the room: each has got every turn before `delivered`, and nothing after it. */
  readonly members = new Set<Member>()
  /** Subscribers that are about to be here: the channel stays for them. */
  holds = 0
  run: RunSummary | undefined
  termination: RunTermination | undefined
  isDeleted = false
  committed = 0
  delivered = 0
  /** The gathered turns end before `committed`: the rest is to be read from the log. */
  needsLog = false
  isReadingLog = false
  flushedAt = Number.NEGATIVE_INFINITY
  flushTimer: unknown
  /** Counted up with each change, so that who comes back knows whether something was missed. */
  runVersion = 0
  progressVersion = 0
  /** Progress came while turns before it were still gathered. */
  isProgressHeld = false
  #gathered: PlacedTurn[] = []
  #gatheredChars = 0

  constructor(run_id: string) {
    this.run_id = run_id
    this.room = `run:${run_id}`
  }

  get gatheredChars(): number {
    return this.#gatheredChars
  }

  /** Everything known to be committed has been delivered. */
  get isCaughtUp(): boolean {
    return this.delivered >= this.committed
  }

  /** The run's stage (`runStage`); -1 before anything is known. */
  get stage(): number {
    return this.run === undefined ? -1 : runStage(this.run)
  }

  /**
   * Adopts what an event says about the run, unless the channel already knows a later stage. It is the newest there is,
   * except for the turns: each of several batches that were committed together is published on its own, while a read
   * may have seen them all. Returns the run with as many turns as are known.
   */
  learn(run: RunSummary): RunSummary {
    this.commitUpTo(run.cursor)
    if (this.run !== undefined && runStage(run) < this.stage) return withTurnsOf(this.run, run)
    if (runStage(run) !== this.stage) this.runVersion += 1
    this.run = withTurnsOf(run, this.run)
    this.termination = this.run.termination
    return this.run
  }

  /** Adopts what was read about the run, which may be older than what events have said since. */
  learnRead(run: RunSummary): void {
    const isNewer = this.run === undefined || runStage(run) > this.stage || run.cursor > this.run.cursor
    if (isNewer) this.learn(run)
  }

  commitUpTo(cursor: number): void {
    this.committed = Math.max(this.committed, cursor)
    if (this.members.size === 0) this.skipToCommitted()
  }

  /** Nobody is in the room: what is not delivered will be read from the log. */
  skipToCommitted(): void {
    this.delivered = this.committed
    this.needsLog = false
    this.#gathered = []
    this.#gatheredChars = 0
  }

  /** Takes committed turns for the room's next frame. */
  gather(stored: StoredTurns): void {
    const { from, count } = stored
    this.commitUpTo(from + count)
    const end = this.delivered + this.#gathered.length
    if (this.members.size === 0 || from + count <= end) return
    if (from > end || this.needsLog) {
      this.needsLog = true
      return
    }
    const turns = stored.turns()
    if (turns === undefined) {
      this.needsLog = true
      return
    }
    for (const turn of turns.slice(end - from)) {
      this.#gathered.push(turn)
      this.#gatheredChars += turn.chars
    }
  }

  /** The next turns to deliver, of about `maxChars` together; undefined when none are gathered. Counts them as delivered. */
  takeFrame(maxChars: number): { from: number; turns: RunTurn[] } | undefined {
    if (this.#gathered.length === 0) return undefined
    const from = this.delivered
    let chars = 0
    let count = 0
    for (const next of this.#gathered) {
      if (count > 0 && chars + next.chars > maxChars) break
      chars += next.chars
      count += 1
    }
    const turns = this.#gathered.splice(0, count).map(({ turn }) => turn)
    this.#gatheredChars -= chars
    this.delivered += count
    return { from, turns }
  }
}

/** A run with the turns of an earlier known state, if those are more. */
function withTurnsOf(run: RunSummary, known: RunSummary | undefined): RunSummary {
  if (known === undefined || known.cursor <= run.cursor) return run
  const { cursor, totals, last_turn_at } = known
  return { ...run, cursor, totals, ...(last_turn_at !== undefined && { last_turn_at }) }
}
