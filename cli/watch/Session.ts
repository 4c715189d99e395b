import { setImmediate } from "node:timers/promises"
import { asObject, asTime } from "@/lib/dialects/json"
import type { Operation } from "@/lib/dialects/operations"
import type { SessionIdentity, SessionInput } from "@/lib/dialects/session"
import type { FeedRead, RecordFeed } from "./feeds/RecordFeed"
import type { RunChain } from "./runs/RunChain"
import type { SessionReducer } from "./sources/Source"

/** Reading pauses while this much of a session waits to be sent. */
const MAX_PENDING_BYTES = 2 * 1024 * 1024
/** A process that is gone may have left records that become visible a moment later. */
const QUIET_MS = 250

export type SessionEnd = {
  died: boolean
  /** When the session's next process started: later records belong to that one. */
  next?: number | undefined
}

export type SessionContext = {
  reducer(identity: SessionIdentity): SessionReducer
  chain(session: Session): RunChain
  feed(): RecordFeed
  /** Carries out an operation on another session's run. */
  route(operation: Operation): void
  onSettled(session: Session): void
  onUnreadable(session: Session, lines: number): void
  /** Something about it went wrong that shouldn't; it continues with what comes next. */
  onFailure(session: Session, error: unknown): void
}

/** One session: reads its records, and has its runs written. */
export class Session {
  /** When something last happened to it. */
  changedAt: number
  private feed: RecordFeed
  private reducer: SessionReducer
  private state: unknown
  private chain: RunChain
  private pumping = false
  private again = false
  private ending: SessionEnd | undefined
  private quietTimer: NodeJS.Timeout | undefined
  private dueTimer: NodeJS.Timeout | undefined
  private closed = false
  private readCount = 0
  /** The last state that the process reported, for a session that must be read again. */
  private process: Extract<SessionInput, { kind: "process" }> | undefined
  private title: string | undefined

  constructor(
    readonly identity: SessionIdentity,
    readonly path: string,
    changedAt: number,
    private readonly context: SessionContext,
  ) {
    this.changedAt = changedAt
    this.feed = context.feed()
    this.reducer = context.reducer(identity)
    this.state = this.reducer.initial()
    this.chain = context.chain(this)
  }

  get runs(): RunChain {
    return this.chain
  }

  /** True once everything that was there has been read. */
  get caughtUp(): boolean {
    return this.readCount > 0 && !this.pumping
  }

  /** The records tell that the process has nothing left to do. */
  get isOver(): boolean {
    return this.reducer.isOver?.(this.state) === true
  }

  /** The newest time that its records state, else when it was last changed. */
  get recordedAt(): number {
    const at = this.reducer.recordedAt?.(this.state)
    return at === undefined ? this.changedAt : Date.parse(at)
  }

  get isEnding(): boolean {
    return this.ending !== undefined
  }

  /** True when nothing is left to do for it: no run is open, nothing waits. */
  get settled(): boolean {
    return this.caughtUp && this.ending === undefined && this.chain.idle && !this.chain.open
  }

  /** Its records have changed, or may have. */
  wake(changedAt: number): void {
    if (this.closed) return
    this.changedAt = Math.max(this.changedAt, changedAt)
    this.again = true
    if (!this.pumping) void this.pump()
  }

  setProcess(input: Extract<SessionInput, { kind: "process" }>): void {
    this.process = input
    this.take(input)
  }

  setTitle(title: string): void {
    if (title === this.title) return
    this.title = title
    this.take({ kind: "title", title })
  }

  /** Ends the open run as soon as everything is read and nothing follows for a moment. */
  requestEnd(end: SessionEnd): void {
    this.ending ??= { ...end }
    if (end.next !== undefined) this.ending.next = end.next
    this.wake(this.changedAt)
  }

  /** The session's next process has started: what it writes begins another run. */
  continueFrom(startedAt: number | undefined): void {
    if (this.ending !== undefined && startedAt !== undefined) this.ending.next ??= startedAt
    else this.finishNow()
  }

  /** Carries out a requested end with what has been read so far. */
  finishNow(): void {
    if (this.ending !== undefined && this.caughtUp) this.finish()
  }

  /** Operations on this session's run that another session brought about. */
  push(operation: Operation): void {
    this.chain.push([operation])
  }

  close(): void {
    this.closed = true
    clearTimeout(this.quietTimer)
    clearTimeout(this.dueTimer)
    this.chain.stop()
  }

  /** Reads everything again, from the beginning. */
  restart(): void {
    if (this.closed) return
    this.chain.stop()
    this.feed = this.context.feed()
    this.reset()
    this.wake(this.changedAt)
  }

  private reset(): void {
    this.reducer = this.context.reducer(this.identity)
    this.state = this.reducer.initial()
    this.chain = this.context.chain(this)
    if (this.title !== undefined) this.take({ kind: "title", title: this.title })
    if (this.process !== undefined) this.take(this.process)
  }

  private async pump(): Promise<void> {
    this.pumping = true
    while (this.again && !this.closed) {
      this.again = false
      try {
        await this.readAll()
      } catch (error) {
        this.context.onFailure(this, error)
      }
    }
    this.pumping = false
    this.readCount++
    if (this.closed) return
    this.scheduleEnd()
    this.context.onSettled(this)
  }

  private async readAll(): Promise<void> {
    for (let more = true; more && !this.closed; ) {
      const read = this.feed.read()
      if (read.restarted) {
        this.chain.stop()
        this.reset()
      }
      this.takeRead(read)
      if (this.chain.pendingBytes > MAX_PENDING_BYTES)
        await this.chain.until(() => this.chain.pendingBytes < MAX_PENDING_BYTES / 2)
      more = read.more
      if (more) await setImmediate()
    }
  }

  private takeRead({ records, unreadable }: FeedRead): void {
    if (unreadable > 0) this.context.onUnreadable(this, unreadable)
    if (records.length === 0) return
    clearTimeout(this.quietTimer)
    this.quietTimer = undefined
    for (const record of records) {
      if (this.beginsProcess(record)) this.finish()
      this.take({ kind: "record", record })
    }
  }

  /** Whether a record belongs to the next process, though the end of the one before wasn't noticed yet. */
  private beginsProcess(record: unknown): boolean {
    if (this.ending?.next !== undefined && isAfter(record, this.ending.next)) return true
    // What is read at first may hold several processes: that is one run.
    if (this.readCount === 0 || !this.chain.open) return false
    if (this.reducer.beginsProcess?.(this.state, record) !== true) return false
    this.ending ??= { died: false }
    return true
  }

  private take(input: SessionInput): void {
    this.reduce(() => this.reducer.reduce(this.state, input, Date.now()))
  }

  /** A record that makes the reducer fail is left out: the session's other records still count. */
  private reduce(reduce: () => { state: unknown; operations: Operation[] } | undefined): void {
    try {
      const reduction = reduce()
      if (reduction !== undefined) this.carryOut(reduction)
    } catch (error) {
      this.context.onFailure(this, error)
    }
  }

  private carryOut(reduction: { state: unknown; operations: Operation[] }): void {
    this.state = reduction.state
    const own: Operation[] = []
    for (const operation of reduction.operations) {
      if (operation.key === this.identity.key) own.push(operation)
      else this.context.route(operation)
    }
    this.chain.push(own)
    this.scheduleDue()
  }

  private scheduleDue(): void {
    clearTimeout(this.dueTimer)
    const due = this.reducer.nextDue?.(this.state)
    if (due === undefined || this.closed) return
    this.dueTimer = setTimeout(
      () => {
        if (!this.closed) this.reduce(() => this.reducer.advance?.(this.state, Date.now()))
      },
      Math.max(0, due - Date.now()),
    )
  }

  private scheduleEnd(): void {
    if (this.ending === undefined || this.quietTimer !== undefined) return
    const quietFor = Date.now() - this.changedAt
    if (quietFor >= QUIET_MS) {
      this.finish()
      return
    }
    this.quietTimer = setTimeout(() => {
      this.quietTimer = undefined
      this.wake(this.changedAt)
    }, QUIET_MS - quietFor)
  }

  private finish(): void {
    const { ending } = this
    if (ending === undefined) return
    this.ending = undefined
    this.process = undefined
    this.take({ kind: "ended", died: ending.died })
  }
}

function isAfter(record: unknown, time: number): boolean {
  const at = asTime(asObject(record)?.timestamp)
  return at !== undefined && Date.parse(at) >= time
}
