const LENGTH_BYTES = 4

/** The types of PostgreSQL's messages that matter here. */
export const QUERY = "Q".charCodeAt(0)
export const SYNC = "S".charCodeAt(0)
export const READY = "Z".charCodeAt(0)
export const NOTIFICATION = "A".charCodeAt(0)
/** The transaction status in a `READY` message, if no transaction is open. */
export const IDLE = "I".charCodeAt(0)
export const IN_TRANSACTION = "T".charCodeAt(0)

/** What a server sends to a client that has connected: authenticated, and ready for queries. */
export const WELCOME = Buffer.concat([
  Buffer.from([..."R"].map((type) => type.charCodeAt(0)).concat([0, 0, 0, 8, 0, 0, 0, 0])),
  Buffer.from([READY, 0, 0, 0, 5, IDLE]),
])

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
