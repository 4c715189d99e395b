import type { Socket } from "node:net"
import { answerTo, TIMEOUTS } from "./answerTo"
import {
  ERROR,
  FAILED,
  Frames,
  IDLE,
  IN_TRANSACTION,
  QUERY,
  queryFrame,
  queryText,
  READY,
  SYNC,
  TERMINATE,
} from "./Frames"
import { PreparedStatements } from "./PreparedStatements"
import { Replies } from "./Replies"
import { PREPARE_CLOCK, replyCount, setClock } from "./setClock"

/** How long to wait for a reply before asking the database whether the statement waits for a lock. Doubles each time. */
const FIRST_WAIT_MS = 3
const MAX_WAIT_MS = 50
const BEGIN_FRAME = queryFrame("BEGIN")
/** Statements that change a session beyond their transaction. */
const SETS = /(^|;)\s*SET\b/
/** What a session needs to know from the database's clock and locks. */
export type SessionParts = {
  /** The database's time, ms since the epoch. */
  now(): number
  /** Returns whether the session waits for a lock that another one holds. */
  isWaiting(session: Session): Promise<boolean>
}

/** A session of the database that serves one client after the other. It executes one packet of a client at a time. */
export class Session {
  readonly pid: number
  /** Timeouts that the client has set, ms. 0: none. */
  readonly timeouts = { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 }
  /** Called with the messages for the client. */
  onReply: (frames: readonly Buffer[]) => void = () => {}
  /** The number of packets executed so far. */
  executed = 0
  isListening = false
  /** True while a statement waits for a lock. */
  isBlocked = false
  readonly #socket: Socket
  readonly #parts: SessionParts
  readonly #received = new Frames()
  readonly #prepared = new PreparedStatements()
  readonly #replies = new Replies(this.#prepared)
  #status = IDLE
  /** When the client began a transaction that the database doesn't know yet. */
  #beganMs: number | undefined
  #setMs = 0
  #isClockPrepared = false
  /** Whether the client may have left settings or unanswered messages behind. */
  #isDirty = false
  #wake: () => void = () => {}
  #isClosed = false

  constructor(socket: Socket, pid: number, parts: SessionParts) {
    this.pid = pid
    this.#socket = socket
    this.#parts = parts
    socket.on("data", (chunk) => this.#receive(chunk))
    socket.on("error", () => {})
    socket.on("close", () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  get isInTransaction(): boolean {
    return this.#status !== IDLE
  }

  get isAtRest(): boolean {
    return this.#replies.areComplete
  }

  /** Executes messages of the client. Resolves when all have been answered, or when one waits for a lock. */
  async execute(messages: readonly Buffer[]): Promise<void> {
    this.executed += 1
    const frames = messages.filter(([type]) => type !== TERMINATE)
    const [frame] = frames
    if (frame === undefined) return
    const answer = frames.length === 1 && !this.isInTransaction ? answerTo(frame) : undefined
    if (answer === undefined) {
      this.#send(frames)
      return this.settle()
    }
    const { replies, begins, listens, timeouts } = answer
    Object.assign(this.timeouts, timeouts)
    if (listens) this.isListening = true
    if (begins) {
      this.#beganMs = this.#parts.now()
      this.#status = IN_TRANSACTION
    }
    this.onReply(replies)
  }

  /** Executes a statement that isn't the client's. */
  async control(sql: string): Promise<void> {
    this.#replies.expectOwn()
    this.#socket.write(queryFrame(sql))
    await this.settle()
  }

  /** Waits until all messages have been answered, or one waits for a lock. Then passes on what has been received. */
  async settle(): Promise<void> {
    this.isBlocked = false
    for (let waitMs = FIRST_WAIT_MS; !this.isAtRest && !this.isBlocked; waitMs *= 2) {
      if (this.#isClosed) throw new Error("The database has closed a session")
      await this.#moved(Math.min(waitMs, MAX_WAIT_MS))
      this.isBlocked = !this.isAtRest && (await this.#parts.isWaiting(this))
    }
    const frames = this.#replies.take()
    if (frames.length > 0) this.onReply(frames)
  }

  /** Makes the cancellation of a statement that waits for a lock look like the lock's timeout. */
  onLockTimeout(): void {
    this.#replies.onLockTimeout(true)
  }

  /** Forgets the client. The session must be at rest. */
  async reset(): Promise<void> {
    this.onReply = () => {}
    if (this.#beganMs !== undefined) this.#status = IDLE
    this.#beganMs = undefined
    const statements = [
      ...(this.isInTransaction ? ["ROLLBACK"] : []),
      ...(this.#isDirty ? ["RESET ALL"] : []),
    ]
    if (statements.length > 0) await this.control(statements.join(";"))
    this.isListening = false
    this.#isDirty = false
    this.#setMs = 0
    this.#replies.onLockTimeout(false)
    this.#prepared.forgetClient()
    Object.assign(this.timeouts, { statement_timeout: 0, lock_timeout: 0 })
    this.timeouts.idle_in_transaction_session_timeout = 0
  }

  close(): void {
    this.#socket.destroy()
  }

  #send(frames: readonly Buffer[]): void {
    const sent = this.#begin()
    const clock = this.#clock(this.#parts.now(), this.isInTransaction)
    let clockReplies = replyCount(clock)
    sent.push(...clock)
    for (const frame of frames) {
      const [type] = frame
      const prepared = type === QUERY ? this.#query(frame) : this.#prepared.rewrite(frame)
      if (prepared !== undefined) sent.push(prepared)
      const isEnd = type === QUERY || type === SYNC
      if (frame === frames.at(-1) && !isEnd) this.#isDirty = true
      if (!isEnd) continue
      this.#replies.expectForClient(clockReplies, type === QUERY)
      clockReplies = 0
    }
    this.#socket.write(Buffer.concat(sent))
  }

  /** Returns the messages that begin a transaction at the time when the client began it. */
  #begin(): Buffer[] {
    const ms = this.#beganMs
    if (ms === undefined) return []
    this.#beganMs = undefined
    const sent = [...this.#clock(ms, false), BEGIN_FRAME]
    this.#replies.expectOwn()
    return sent
  }

  /**
   * Returns the messages that set the session's clock, if it is late. Within a transaction, `now()` stays the same. They
   * are executed together with the client's messages, to save a reply.
   */
  #clock(ms: number, isInTransaction: boolean): Buffer[] {
    if (ms === this.#setMs || this.#status === FAILED) return []
    this.#setMs = ms
    const messages = setClock(ms, isInTransaction)
    if (this.#isClockPrepared) return messages
    this.#isClockPrepared = true
    return [...PREPARE_CLOCK, ...messages]
  }

  #query(frame: Buffer): Buffer {
    const text = queryText(frame)
    if (SETS.test(text)) this.#isDirty = true
    if (!text.includes("timeout")) return this.#prepared.prepare(frame, text)
    const rewritten = text.replace(TIMEOUTS, (_, name: keyof Session["timeouts"], ms: string) => {
      this.timeouts[name] = Number(ms)
      return `${name} = 0`
    })
    return this.#prepared.prepare(queryFrame(rewritten), rewritten)
  }

  #receive(chunk: Buffer): void {
    for (const frame of this.#received.push(chunk)) {
      const [type] = frame
      this.#replies.push(frame)
      if (type === READY) this.#status = frame[5] ?? IDLE
      // A transaction that fails undoes its settings.
      if (type === ERROR || (type === READY && this.#status !== IDLE)) this.#setMs = 0
    }
    if (this.isAtRest) this.#wake()
  }

  /** Resolves when all messages have been answered, or after a while. */
  #moved(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(), waitMs)
      const done = () => {
        clearTimeout(timer)
        this.#wake = () => {}
        resolve()
      }
      this.#wake = done
    })
  }
}
