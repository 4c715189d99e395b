import type { Socket } from "node:net"
import {
  BIND,
  ERROR,
  EXECUTE,
  FAILED,
  Frames,
  frameOf,
  IDLE,
  NOTIFICATION,
  PARSE,
  QUERY,
  queryFrame,
  queryText,
  READY,
  SYNC,
  TERMINATE,
} from "./Frames"
import { PreparedStatements } from "./PreparedStatements"

/** How long to wait for a reply before asking the database whether the statement waits for a lock. Doubles each time. */
const FIRST_WAIT_MS = 3
const MAX_WAIT_MS = 50
/** Timeouts of clients. PostgreSQL's own run by real time, so they are turned off and simulated by virtual time. */
const TIMEOUTS = /\b(statement_timeout|lock_timeout|idle_in_transaction_session_timeout) = (\d+)/g
const CANCELLED = Buffer.from("C57014\0")
const LOCK_TIMEOUT = Buffer.from("C55P03\0")
const SYNC_FRAME = frameOf(SYNC)

/** Statements that set the session's clock, without and within a transaction. */
const PREPARE_CLOCK = [
  "SELECT set_config('virtual.clock', $1, false), set_config('virtual.now', $1, false)",
  "SELECT set_config('virtual.clock', $1, false)",
].map((sql, at) => frameOf(PARSE, Buffer.from(`clock${at}\0${sql}\0\0\0`)))
/** Bound, row, complete. */
const SET_CLOCK_REPLIES = 3
const EXECUTE_FRAME = frameOf(EXECUTE, Buffer.alloc(5))

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
  /** For each `READY` message to come, whether it is a reply to the client's messages. */
  readonly #replies: boolean[] = []
  #status = IDLE
  #setMs = 0
  #isClockPrepared = false
  /** The number of messages to come that answer the setting of the clock. */
  #clockReplies = 0
  #forClient: Buffer[] = []
  #wake: () => void = () => {}
  #isCancelledForLock = false
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
    return this.#replies.length === 0
  }

  /** Executes messages of the client. Resolves when all have been answered, or when one waits for a lock. */
  async execute(frames: readonly Buffer[]): Promise<void> {
    this.executed += 1
    const sent = [...this.#clock()]
    for (const frame of frames) {
      const [type] = frame
      if (type === TERMINATE) continue
      const rewritten = type === QUERY ? this.#query(frame) : frame
      if (type === QUERY || type === SYNC) this.#replies.push(true)
      const prepared = this.#prepared.rewrite(rewritten)
      if (prepared !== undefined) sent.push(prepared)
    }
    this.#socket.write(Buffer.concat(sent))
    await this.settle()
  }

  /** Executes a statement that isn't the client's. */
  async control(sql: string): Promise<void> {
    this.#replies.push(false)
    this.#socket.write(queryFrame(sql))
    await this.settle()
  }

  /** Asks for the notifications that other sessions have committed. They have arrived once the session has settled. */
  askForNotifications(): void {
    this.#replies.push(false)
    this.#socket.write(SYNC_FRAME)
  }

  /** Waits until all messages have been answered, or one waits for a lock. Then passes on what has been received. */
  async settle(): Promise<void> {
    this.isBlocked = false
    for (let waitMs = FIRST_WAIT_MS; !this.isAtRest && !this.isBlocked; waitMs *= 2) {
      if (this.#isClosed) throw new Error("The database has closed a session")
      await this.#moved(Math.min(waitMs, MAX_WAIT_MS))
      this.isBlocked = !this.isAtRest && (await this.#parts.isWaiting(this))
    }
    const frames = this.#forClient
    this.#forClient = []
    if (frames.length > 0) this.onReply(frames)
  }

  /** Makes the cancellation of a statement that waits for a lock look like the lock's timeout. */
  onLockTimeout(): void {
    this.#isCancelledForLock = true
  }

  /** Forgets the client. The session must be at rest. */
  async reset(): Promise<void> {
    this.onReply = () => {}
    const statements = [
      ...(this.isInTransaction ? ["ROLLBACK"] : []),
      ...(this.isListening ? ["UNLISTEN *"] : []),
      "RESET ALL",
    ]
    await this.control(statements.join(";"))
    this.isListening = false
    this.#setMs = 0
    this.#isCancelledForLock = false
    this.#prepared.forgetClient()
    Object.assign(this.timeouts, { statement_timeout: 0, lock_timeout: 0 })
    this.timeouts.idle_in_transaction_session_timeout = 0
  }

  close(): void {
    this.#socket.destroy()
  }

  /**
   * Returns the messages that set the session's clock, if it is late. Within a transaction, `now()` stays the same. They
   * are executed together with the client's messages, to save a reply.
   */
  #clock(): Buffer[] {
    const ms = this.#parts.now()
    if (ms === this.#setMs || this.#status === FAILED) return []
    this.#setMs = ms
    const messages = setClock(ms, this.isInTransaction)
    this.#clockReplies = SET_CLOCK_REPLIES
    if (this.#isClockPrepared) return messages
    this.#isClockPrepared = true
    this.#clockReplies += PREPARE_CLOCK.length
    return [...PREPARE_CLOCK, ...messages]
  }

  #query(frame: Buffer): Buffer {
    const text = queryText(frame)
    if (text.startsWith("LISTEN ")) this.isListening = true
    if (!text.includes("timeout")) return frame
    const rewritten = text.replace(TIMEOUTS, (_, name: keyof Session["timeouts"], ms: string) => {
      this.timeouts[name] = Number(ms)
      return `${name} = 0`
    })
    return queryFrame(rewritten)
  }

  #receive(chunk: Buffer): void {
    for (const frame of this.#received.push(chunk)) {
      const [type] = frame
      if (type === NOTIFICATION) this.#forClient.push(frame)
      else if (this.#clockReplies > 0) this.#clockReplies -= 1
      else if (this.#replies[0] === true) {
        this.#prepared.onReply(frame)
        this.#forClient.push(type === ERROR ? this.#error(frame) : frame)
      }
      if (type !== READY) continue
      this.#replies.shift()
      this.#status = frame[5] ?? IDLE
      // A transaction that fails undoes its settings.
      if (this.#status !== IDLE) this.#setMs = 0
    }
    if (this.isAtRest) this.#wake()
  }

  #error(frame: Buffer): Buffer {
    const at = this.#isCancelledForLock ? frame.indexOf(CANCELLED) : -1
    if (at === -1) return frame
    this.#isCancelledForLock = false
    const error = Buffer.from(frame)
    LOCK_TIMEOUT.copy(error, at)
    return error
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

/** Returns the messages that execute a statement of `PREPARE_CLOCK`. */
function setClock(ms: number, isInTransaction: boolean): Buffer[] {
  const value = Buffer.from(String(ms))
  const head = Buffer.from(`\0clock${isInTransaction ? 1 : 0}\0`)
  // No formats of parameters, one parameter with its length, no formats of results.
  const count = Buffer.from([0, 0, 0, 1, 0, 0, 0, value.length])
  return [frameOf(BIND, head, count, value, Buffer.alloc(2)), EXECUTE_FRAME]
}
