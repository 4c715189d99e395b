import {
  BIND,
  DESCRIBE,
  EXECUTE,
  frameOf,
  leadingTexts,
  PARSE,
  PARSE_COMPLETE,
  QUERY,
  READY,
  SYNC,
} from "./Frames"

/** Single statements that can be prepared. */
const PREPARABLE = /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b[^;]*$/
const NO_PARAMETERS = Buffer.alloc(2)
/** Binds and executes the unnamed statement without parameters, and with results as text. */
const EXECUTE_UNNAMED = [
  frameOf(DESCRIBE, Buffer.from("P\0")),
  frameOf(EXECUTE, Buffer.alloc(5)),
  frameOf(SYNC),
]

/**
 * Lets a session of the database prepare each statement only once, for all clients that use the session one after the
 * other: planning a statement takes longer than executing it.
 */
export class PreparedStatements {
  /** The names of prepared statements in the session, by text and types. */
  readonly #names = new Map<string, string>()
  /** The client's names for them. */
  readonly #clientNames = new Map<string, string>()
  /** The statements that are being prepared, by the groups of messages that fail together. */
  readonly #preparing: { key: string; name: string }[][] = [[]]
  #created = 0

  /** Called when another client uses the session. */
  forgetClient(): void {
    this.#clientNames.clear()
  }

  /** Returns the message to send for a message of the client; undefined for none. */
  rewrite(frame: Buffer): Buffer | undefined {
    const [type] = frame
    if (type === PARSE) return this.#parse(frame)
    if (type === BIND) return this.#bind(frame)
    if (type === SYNC || type === QUERY) this.#preparing.push([])
    return frame
  }

  /** Returns the messages to send for a simple query: an extended one, if the statement can be prepared. */
  prepare(frame: Buffer, sql: string): Buffer {
    const isPreparable = PREPARABLE.test(sql)
    const messages = isPreparable
      ? [
          frameOf(PARSE, Buffer.from(`\0${sql}\0`), NO_PARAMETERS),
          frameOf(BIND, Buffer.alloc(8)),
          ...EXECUTE_UNNAMED,
        ]
      : [frame]
    return Buffer.concat(messages.flatMap((message) => this.rewrite(message) ?? []))
  }

  /** Called with each message of the session that answers a message of the client. */
  onReply(frame: Buffer): void {
    const [type] = frame
    if (type === PARSE_COMPLETE) {
      const prepared = this.#preparing[0]?.shift()
      if (prepared !== undefined) this.#names.set(prepared.key, prepared.name)
    } else if (type === READY && this.#preparing.length > 1) this.#preparing.shift()
  }

  #parse(frame: Buffer): Buffer | undefined {
    const { texts, end } = leadingTexts(frame, 2)
    const [clientName = "", sql = ""] = texts
    const types = frame.subarray(end)
    const key = `${sql}\0${types.toString("latin1")}`
    const known = this.#names.get(key)
    const name = known ?? `s${++this.#created}`
    this.#clientNames.set(clientName, name)
    if (known !== undefined) return undefined
    this.#preparing.at(-1)?.push({ key, name })
    return frameOf(PARSE, Buffer.from(`${name}\0${sql}\0`, "latin1"), types)
  }

  #bind(frame: Buffer): Buffer {
    const { texts, end } = leadingTexts(frame, 2)
    const [portal = "", clientName = ""] = texts
    const name = this.#clientNames.get(clientName) ?? clientName
    return frameOf(BIND, Buffer.from(`${portal}\0${name}\0`, "latin1"), frame.subarray(end))
  }
}
