const LENGTH_BYTES = 4

const typeOf = (letter: string) => letter.charCodeAt(0)

/** The types of PostgreSQL's messages that matter here. */
export const QUERY = typeOf("Q")
export const PARSE = typeOf("P")
export const BIND = typeOf("B")
export const EXECUTE = typeOf("E")
export const SYNC = typeOf("S")
export const TERMINATE = typeOf("X")
export const DESCRIBE = typeOf("D")
export const PARSE_COMPLETE = typeOf("1")
export const BIND_COMPLETE = typeOf("2")
export const NO_DATA = typeOf("n")
const COMMAND_COMPLETE = typeOf("C")
export const ERROR = typeOf("E")
export const READY = typeOf("Z")
export const NOTIFICATION = typeOf("A")
/** The transaction status in a `READY` message, if no transaction is open. */
export const IDLE = typeOf("I")
/** The same within a transaction. */
export const IN_TRANSACTION = typeOf("T")
/** The same if a statement of the transaction has failed. */
export const FAILED = typeOf("E")

/** What a server sends to a client that has connected: authenticated, and ready for queries. */
export const WELCOME = Buffer.concat([Buffer.from([typeOf("R"), 0, 0, 0, 8, 0, 0, 0, 0]), readyFrame(IDLE)])

/** Splits a stream of PostgreSQL's protocol into messages, each with its type. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0)

  /** Returns the messages that are complete with this chunk. */
  push(chunk: Buffer): Buffer[] {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: Buffer[] = []
    let at = 0
    while (data.length - at > LENGTH_BYTES) {
      const end = at + 1 + data.readInt32BE(at + 1)
      if (data.length < end) break
      frames.push(data.subarray(at, end))
      at = end
    }
    this.#rest = data.subarray(at)
    return frames
  }
}

/** Returns a message: its type, its length and its parts. */
export function frameOf(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(1 + LENGTH_BYTES)
  head[0] = type
  head.writeInt32BE(
    parts.reduce((sum, part) => sum + part.length, LENGTH_BYTES),
    1,
  )
  return Buffer.concat([head, ...parts])
}

/** Returns a message with a statement. */
export function queryFrame(sql: string): Buffer {
  return frameOf(QUERY, Buffer.from(`${sql}\0`))
}

/** Returns a `READY` message with the status of the transaction. */
export function readyFrame(status: number): Buffer {
  return Buffer.from([READY, 0, 0, 0, LENGTH_BYTES + 1, status])
}

/** Returns the reply to a statement that needs no data. */
export function completeFrame(command: string): Buffer {
  return frameOf(COMMAND_COMPLETE, Buffer.from(`${command}\0`))
}

/** Returns a message with a notification. */
export function notificationFrame(notification: {
  processId: number
  channel: string
  payload?: string | undefined
}): Buffer {
  const pid = Buffer.alloc(4)
  pid.writeInt32BE(notification.processId)
  return frameOf(NOTIFICATION, pid, Buffer.from(`${notification.channel}\0${notification.payload ?? ""}\0`))
}

/** Returns the statement in a `QUERY` message. */
export function queryText(frame: Buffer): string {
  return frame.toString("utf8", 1 + LENGTH_BYTES, frame.length - 1)
}

/** Returns the texts at the start of a message, which end with a zero byte, and the position after them. */
export function leadingTexts(frame: Buffer, count: number): { texts: string[]; end: number } {
  const texts: string[] = []
  let at = 1 + LENGTH_BYTES
  while (texts.length < count) {
    const end = frame.indexOf(0, at)
    texts.push(frame.toString("latin1", at, end))
    at = end + 1
  }
  return { texts, end: at }
}
