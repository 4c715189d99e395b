import { setImmediate } from "node:timers/promises"
import { asObject } from "@/lib/dialects/json"
import type { Operation } from "@/lib/dialects/operations"
import type { SessionIdentity, SessionInput } from "@/lib/dialects/session"
import { asTime } from "@/lib/dialects/times"
import type { FeedRead, RecordFeed } from "./feeds/RecordFeed"
import type { SessionRuns } from "./runs/SessionRuns"
import type { SessionReducer } from "./sources/Source"

/** If more than this is waiting to be sent for a session, reading the session's records pauses. */
const MAX_PENDING_BYTES = 2 * 1024 * 1024
/**
 * How long to wait for further records before a run is ended: a process's last records may appear a moment after the
 * process has ended.
 */
const QUIET_MS = 250

export type SessionEnd = {
  died: boolean
  /** When the session's next process started. Records from that time on belong to the next process. */
  next?: number | undefined
}

export type SessionContext = {
  reducer(identity: SessionIdentity): SessionReducer
  createRuns(session: Session): SessionRuns
  feed(): RecordFeed
  /** Passes an operation to another session's run. */
  route(operation: Operation): void
  onSettled(session: Session): void
  onUnreadable(session: Session, lines: number): void
  /** Called when reading or reducing a record fails unexpectedly. The session continues with the next record. */
  onFailure(session: Session, error: unknown): void
}

/** One session: reads its records and passes the operations to its runs. */
export class Session {
  /** When the session's records or process last changed, in milliseconds since the epoch. */
  changedAt: number
  private feed: RecordFeed
  private reducer: SessionReducer
  private state: unknown
  private sessionRuns: SessionRuns
  private pumping = false
  private again = false
  private ending: SessionEnd | undefined
  private quietTimer: NodeJS.Timeout | undefined
  private dueTimer: NodeJS.Timeout | undefined
  private closed = false
  private readCount = 0
  /** True once a record of the current process has been read. */
  begun = false
  /** The last state that the process reported. Needed if the session is read again. */
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
    this.sessionRuns = context.createRuns(this)
  }

  get runs(): SessionRuns {
    return this.sessionRuns
  }

  /** True once all existing records have been read. */
  get caughtUp(): boolean {
    return this.readCount > 0 && !this.pumping
  }

  /** True if the records show that the process has nothing left to do. */
  get isOver(): boolean {
    return this.reducer.isOver?.(this.state) === true
  }

  /** The newest time in the session's records; if they have none, the time of the session's last change. */
  get recordedAt(): number {
    const at = this.reducer.recordedAt?.(this.state)
    return at === undefined ? this.changedAt : Date.parse(at)
  }

  /** The directory in which the session works, if its records name one. */
  get directory(): string | undefined {
    return this.reducer.directory?.(this.state)
  }

  get isEnding(): boolean {
    return this.ending !== undefined
  }

  /** True if nothing is left to do: no run is open, and nothing is queued. */
  get settled(): boolean {
    return this.caughtUp && this.ending === undefined && this.sessionRuns.idle && !this.sessionRuns.open
  }

  /** Call this when the session's records may have changed. */
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

  /** Ends the open run once everything has been read and nothing more has arrived for a moment. */
  requestEnd(end: SessionEnd): void {
    this.ending ??= { ...end }
    if (end.next !== undefined) this.ending.next = end.next
    this.wake(this.changedAt)
  }

  /** Call this when the session's next process has started. The records of that process start another run. */
  continueFrom(startedAt: number | undefined): void {
    if (this.ending !== undefined && startedAt !== undefined) this.ending.next ??= startedAt
    else this.finishNow()
  }

  /** If an end was requested, ends the run now, after the records read so far. */
  finishNow(): void {
    if (this.ending !== undefined && this.caughtUp) this.finish()
  }

  /** Takes an operation on this session's run that came from another session. */
  push(operation: Operation): void {
    this.sessionRuns.push([operation])
  }

  close(): void {
    this.closed = true
    clearTimeout(this.quietTimer)
    clearTimeout(this.dueTimer)
    this.sessionRuns.stop()
  }

  /** Reads all records again, from the beginning. */
  restart(): void {
    if (this.closed) return
    this.sessionRuns.stop()
    this.feed = this.context.feed()
    this.reset()
    this.wake(this.changedAt)
  }

  private reset(): void {
    this.reducer = this.context.reducer(this.identity)
    this.state = this.reducer.initial()
    this.sessionRuns = this.context.createRuns(this)
    this.begun = false
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
        this.sessionRuns.stop()
        this.reset()
      }
      this.takeRead(read)
      if (this.sessionRuns.pendingBytes > MAX_PENDING_BYTES)
        await this.sessionRuns.until(() => this.sessionRuns.pendingBytes < MAX_PENDING_BYTES / 2)
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
      this.begun = true
    }
  }

  /**
   * Returns true if a record belongs to the next process, even if the end of the previous one hasn't been noticed yet.
   */
  private beginsProcess(record: unknown): boolean {
    if (this.ending?.next !== undefined && isAfter(record, this.ending.next)) return true
    // The first read may cover several processes. Their records all go into one run.
    if (this.readCount === 0 || !this.begun) return false
    if (this.reducer.beginsProcess?.(this.state, record) !== true) return false
    this.ending ??= { died: false }
    return true
  }

  private take(input: SessionInput): void {
    this.reduce(() => this.reducer.reduce(this.state, input, Date.now()))
  }

  /** Runs the reducer. If it fails for a record, only that record is skipped. */
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
    this.sessionRuns.push(own)
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
    this.begun = false
    this.process = undefined
    this.take({ kind: "ended", died: ending.died })
  }
}

function isAfter(record: unknown, time: number): boolean {
  const at = asTime(asObject(record)?.timestamp)
  return at !== undefined && Date.parse(at) >= time
}
