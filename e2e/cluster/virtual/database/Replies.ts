import { BIND_COMPLETE, ERROR, NO_DATA, PARSE_COMPLETE, READY } from "./Frames"
import type { PreparedStatements } from "./PreparedStatements"

const CANCELLED = Buffer.from("C57014\0")
const LOCK_TIMEOUT = Buffer.from("C55P03\0")
/** Replies to an extended query that a simple query doesn't have. */
const EXTENDED_ONLY: readonly (number | undefined)[] = [PARSE_COMPLETE, BIND_COMPLETE, NO_DATA]

/** What is known about the replies up to the next `READY` message. */
type Expected = {
  /** Whether they answer the client's messages. */
  isForClient: boolean
  /** How many of them, at the start, answer the setting of the clock. */
  clockReplies: number
  /** The client sent a simple query. */
  isSimple: boolean
}

/** The replies of a session. Keeps those that are for the client. */
export class Replies {
  readonly #prepared: PreparedStatements
  /** One element for each `READY` message to come. */
  readonly #expected: Expected[] = []
  #kept: Buffer[] = []
  #isCancelledForLock = false

  constructor(prepared: PreparedStatements) {
    this.#prepared = prepared
  }

  /** True if no reply is expected. */
  get areComplete(): boolean {
    return this.#expected.length === 0
  }

  expectForClient(clockReplies: number, isSimple: boolean): void {
    this.#expected.push({ isForClient: true, clockReplies, isSimple })
  }

  /** Expects replies that aren't for the client. */
  expectOwn(): void {
    this.#expected.push({ isForClient: false, clockReplies: 0, isSimple: false })
  }

  /** Makes the next cancellation of a statement look like the timeout of a lock. */
  onLockTimeout(isTimeout: boolean): void {
    this.#isCancelledForLock = isTimeout
  }

  push(frame: Buffer): void {
    const [expected] = this.#expected
    if (expected?.isForClient) this.#pushForClient(frame, expected)
    if (frame[0] === READY) this.#expected.shift()
  }

  /** Returns the replies for the client since the last call. */
  take(): Buffer[] {
    return this.#kept.splice(0)
  }

  #pushForClient(frame: Buffer, expected: Expected): void {
    if (expected.clockReplies > 0) {
      expected.clockReplies -= 1
      return
    }
    const [type] = frame
    this.#prepared.onReply(frame)
    if (expected.isSimple && EXTENDED_ONLY.includes(type)) return
    this.#kept.push(type === ERROR ? this.#error(frame) : frame)
  }

  #error(frame: Buffer): Buffer {
    const at = this.#isCancelledForLock ? frame.indexOf(CANCELLED) : -1
    if (at === -1) return frame
    this.#isCancelledForLock = false
    const error = Buffer.from(frame)
    LOCK_TIMEOUT.copy(error, at)
    return error
  }
}
