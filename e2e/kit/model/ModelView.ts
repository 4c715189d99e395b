import type { RunStatus } from "@/lib/protocol/enums"
import type { TraceEvent } from "@/lib/protocol/events"
import type { RunTurn } from "@/lib/protocol/turn"
import { turnDigest } from "./modelTurn"

/**
 * One subscriber's copy of one run. After every event, checks that it is a prefix of one log: no gap or duplicate
 * within a subscription, the same turn at the same index forever, `ended` once and last.
 */
export class ModelView {
  /** Digests of the turns received. Their number is the cursor to resume from. */
  readonly digests: string[] = []
  readonly violations: string[] = []
  status: RunStatus | undefined
  /** Whether any subscription has received `ended`. */
  ended = false
  /** Turns received, including duplicates across subscriptions. */
  received = 0
  subscriptions = 0
  /** The run's cursor as last reported: never below the number of turns received. */
  runCursor = 0
  #expected: number | undefined
  /** Requested cursors that no snapshot has answered yet. A newer request replaces earlier ones. */
  #requested: number[] = []
  #open = false
  readonly #recent: string[] = []

  constructor(
    readonly run_id: string,
    /** Called with every turn that is new to the view. */
    readonly onTurn: (turn: RunTurn) => void = () => {},
  ) {}

  get cursor(): number {
    return this.digests.length
  }

  /** Records that a subscription is requested. The next snapshot belongs to it. Returns the cursor to request. */
  subscribe(cursor = this.cursor): number {
    this.#requested.push(cursor)
    return cursor
  }

  /** Call this when the connection has closed, which ends its subscriptions. */
  lost(): void {
    this.#recent.push(`${Math.round(performance.now())}: lost`)
    this.#open = false
    this.#expected = undefined
    this.#requested = []
  }

  receive(event: TraceEvent): void {
    const { record } = event
    this.#recent.push(`${Math.round(performance.now())}: ${brief(event)}`)
    if (this.#recent.length > 12) this.#recent.shift()
    if (record.record === "snapshot") this.#begin(event, record)
    else if (!this.#open && !this.#isAfterEnd(event)) this.#violate(`${record.record} outside a subscription`)
    else if (record.record === "turns") this.#take(record.from, record.turns, event)
    else if (record.record === "ended") this.#end(event, record.run.cursor)
    else if (record.record === "run") this.#advance(record.run.cursor)
    else if (record.index < this.cursor && record.progress !== null)
      this.#violate(`progress of turn ${record.index} after the turn itself`)
  }

  #begin(event: TraceEvent, record: Extract<TraceEvent["record"], { record: "snapshot" }>): void {
    this.#open = true
    this.subscriptions++
    // A snapshot starts at the requested cursor. It starts at 0 only if that cursor is beyond the run's, which can't
    // happen, because subscribers only get stored turns.
    const answered = this.#requested.indexOf(record.from)
    if (answered < 0)
      this.#violate(
        `snapshot from ${record.from}, asked for ${this.#requested} (run at ${record.run.cursor})`,
      )
    this.#requested.splice(0, answered + 1)
    this.#expected = record.from
    this.#take(record.from, record.turns, event)
    this.#advance(record.run.cursor)
  }

  #take(from: number, turns: readonly RunTurn[], event: TraceEvent): void {
    if (from !== this.#expected) this.#violate(`turns from ${from}, expected ${this.#expected}`)
    this.#expected = from + turns.length
    if (event.cursor !== this.#expected)
      this.#violate(`cursor ${event.cursor} on turns up to ${this.#expected}`)
    this.received += turns.length
    this.runCursor = Math.max(this.runCursor, this.#expected)
    turns.forEach((turn, at) => {
      this.#keep(from + at, turn)
    })
    this.status = event.status
  }

  #keep(index: number, turn: RunTurn): void {
    if (turn.index !== index) this.#violate(`turn ${turn.index} at position ${index}`)
    const digest = turnDigest(turn)
    if (index > this.cursor) this.#violate(`a gap before ${index}: the view is at ${this.cursor}`)
    else if (index < this.cursor) {
      if (this.digests[index] !== digest) this.#violate(`turn ${index} changed`)
    } else {
      this.digests.push(digest)
      this.onTurn(turn)
    }
  }

  #advance(cursor: number): void {
    if (cursor < this.runCursor) this.#violate(`the cursor decreased from ${this.runCursor} to ${cursor}`)
    else this.runCursor = cursor
  }

  #end(event: TraceEvent, cursor: number): void {
    if (this.#expected !== cursor)
      this.#violate(`ended at ${cursor} after ${this.#expected} turns of this subscription`)
    this.#advance(cursor)
    this.status = event.status
    this.ended = true
    // Within this subscription, only updates of the run itself may follow.
    this.#open = false
  }

  /** After an end, only updates of the run itself may follow, unless it is reopened. */
  #isAfterEnd({ record, status }: TraceEvent): boolean {
    if (!this.ended || this.#expected === undefined || record.record !== "run") return false
    if (status !== "in_progress") return true
    this.#open = true
    this.ended = false
    this.status = status
    return true
  }

  #violate(what: string): void {
    if (this.violations.length < 20)
      this.violations.push(`${this.run_id}: ${what} (${this.#recent.join(" | ")})`)
  }
}

/** An event in short form, for describing what led to a violation. */
function brief({ record, cursor }: TraceEvent): string {
  if (record.record === "turns") return `turns ${record.from}-${cursor}`
  if (record.record === "progress") return `progress ${record.index}`
  const { connected, status } = record.run
  const at = `${record.run.cursor} ${connected ? "on" : "off"} ${status}`
  return record.record === "snapshot"
    ? `snapshot ${record.from}-${cursor} of ${at}`
    : `${record.record} ${at}`
}
