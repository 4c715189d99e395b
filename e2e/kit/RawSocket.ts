import { randomBytes } from "node:crypto"
import { connect, type Socket } from "node:net"

const EMPTY: Buffer = Buffer.alloc(0)
/** Opcodes of RFC 6455. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export type FrameOptions = {
  opcode?: number
  fin?: boolean
  rsv1?: boolean
  masked?: boolean
  /** A length to announce instead of the payload's actual one. */
  announce?: number
}

/** Encodes one frame as a client sends it. The mask is zero, which is valid and cheap. */
function encodeFrame(payload: Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = OPCODE.text, fin = true, rsv1 = false, masked = true } = options
  const length = options.announce ?? payload.length
  const sizeBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const header = Buffer.alloc(2 + sizeBytes + (masked ? 4 : 0))
  header[0] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode
  header[1] = (masked ? 0x80 : 0) | (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127)
  if (sizeBytes === 2) header.writeUInt16BE(length, 2)
  if (sizeBytes === 8) header.writeBigUInt64BE(BigInt(length), 2)
  return payload.length === 0 ? header : Buffer.concat([header, payload])
}

export type RawSocketOptions = {
  port: number
  host?: string
  path?: string
  headers?: Record<string, string>
  localAddress?: string
  timeoutMs?: number
}

/** A bare WebSocket that can be stalled, cut, and made to violate the protocol. */
export class RawSocket {
  /** Called with every complete text message. */
  onText: (payload: Buffer) => void = () => {}
  /** The code of the close frame, or 1006 without one. */
  readonly closed: Promise<number>
  closeCode = 1006
  isClosed = false
  #rest: Buffer = EMPTY
  #parts: Buffer[] = []

  private constructor(
    readonly tcp: Socket,
    readonly responseHeaders: string,
    rest: Buffer,
  ) {
    this.closed = new Promise((resolve) =>
      tcp.once("close", () => {
        this.isClosed = true
        resolve(this.closeCode)
      }),
    )
    tcp.on("data", (chunk) => this.#read(chunk))
    // Gives the caller time to set its handlers.
    tcp.pause()
    setImmediate(() => {
      if (rest.length > 0) this.#read(rest)
      tcp.resume()
    })
  }

  /** Opens a TCP connection and upgrades it. Rejects with the status line if the server refuses. */
  static open(options: RawSocketOptions): Promise<RawSocket> {
    const { port, host = "127.0.0.1", path = "/socket.io/?EIO=4&transport=websocket" } = options
    return new Promise((resolve, reject) => {
      const tcp = connect({ port, host, ...(options.localAddress && { localAddress: options.localAddress }) })
      tcp.setNoDelay(true)
      const timer = setTimeout(() => fail(new Error("no upgrade in time")), options.timeoutMs ?? 20_000)
      const fail = (error: Error) => {
        clearTimeout(timer)
        tcp.destroy()
        reject(error)
      }
      tcp.once("error", fail)
      tcp.once("close", () => fail(new Error("closed before the upgrade")))
      let head = EMPTY
      const onData = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk])
        const end = head.indexOf("\r\n\r\n")
        if (end < 0) return
        const text = head.subarray(0, end).toString("latin1")
        if (!text.startsWith("HTTP/1.1 101")) return fail(new Error(text.split("\r\n")[0] ?? "refused"))
        clearTimeout(timer)
        tcp.off("data", onData)
        tcp.removeAllListeners("close")
        tcp.off("error", fail)
        tcp.on("error", () => {})
        resolve(new RawSocket(tcp, text, head.subarray(end + 4)))
      }
      tcp.on("data", onData)
      const lines = {
        Host: `${host}:${port}`,
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        ...options.headers,
      }
      const headers = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
      tcp.write(`GET ${path} HTTP/1.1\r\n${headers.join("")}\r\n`)
    })
  }

  #read(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const taken = this.#frame(data)
      if (taken === 0) break
      data = data.subarray(taken)
    }
    this.#rest = data
  }

  /** Parses one complete frame from the front. Returns its size in bytes, or 0 if it is incomplete. */
  #frame(data: Buffer): number {
    if (data.length < 2) return 0
    const short = data.readUInt8(1) & 0x7f
    const sizeBytes = short < 126 ? 0 : short === 126 ? 2 : 8
    if (data.length < 2 + sizeBytes) return 0
    const length =
      sizeBytes === 0 ? short : sizeBytes === 2 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2))
    const start = 2 + sizeBytes
    if (data.length < start + length) return 0
    this.#deliver(data.readUInt8(0), data.subarray(start, start + length))
    return start + length
  }

  #deliver(first: number, payload: Buffer): void {
    const opcode = first & 0x0f
    if (opcode === OPCODE.close) {
      if (payload.length >= 2) this.closeCode = payload.readUInt16BE(0)
      this.tcp.end()
    } else if (opcode === OPCODE.ping) this.send(payload, { opcode: OPCODE.pong })
    else if (opcode <= OPCODE.binary) {
      this.#parts.push(payload)
      if ((first & 0x80) === 0) return
      const whole = this.#parts.length === 1 ? payload : Buffer.concat(this.#parts)
      this.#parts = []
      this.onText(whole)
    }
  }

  /** Sends one frame. Returns false if the kernel couldn't take it immediately. */
  send(payload: Buffer | string, options?: FrameOptions): boolean {
    if (this.isClosed || this.tcp.writableEnded) return false
    return this.tcp.write(encodeFrame(typeof payload === "string" ? Buffer.from(payload) : payload, options))
  }

  /** Stops reading, so that data from the server fills the kernel's buffers, then the server's. */
  stall(): void {
    this.tcp.pause()
  }

  resume(): void {
    this.tcp.resume()
  }

  /** Closes without a close frame. */
  destroy(): void {
    this.tcp.destroy()
  }
}
