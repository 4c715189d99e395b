import type { Socket } from "node:net"
import { Client } from "pg"
import { Frames, IDLE, IN_TRANSACTION, QUERY, READY, SYNC } from "./Frames"
import type { Pending, Traffic } from "./Traffic"

const RESET = query("DISCARD ALL")

/** A session of the database that serves one client after the other. */
export class Backend {
  /** Called with each chunk of whole messages. */
  onData: (frames: readonly Buffer[]) => void = () => {}
  onClose: () => void = () => {}
  readonly pending: Pending = { count: 0, isHeld: () => false }
  readonly #socket: Socket
  readonly #traffic: Traffic
  readonly #received = new Frames()
  readonly #sent = new Frames()
  #unsent: Buffer[] = []
  #status = IDLE

  constructor(socket: Socket, traffic: Traffic) {
    this.#socket = socket
    this.#traffic = traffic
    socket.on("data", (chunk) => this.#receive(chunk))
    socket.on("end", () => socket.destroy())
    socket.on("error", () => {})
    socket.on("close", () => {
      traffic.pairs.delete(this.pending)
      traffic.onMoved()
      this.onClose()
    })
    traffic.pairs.add(this.pending)
  }

  /** True if no statement is being executed and no transaction is open. */
  get isIdle(): boolean {
    return this.pending.count === 0 && this.#status === IDLE && !this.#socket.destroyed
  }

  /** True if the client has opened a transaction and sends nothing. */
  get isIdleInTransaction(): boolean {
    return this.pending.count === 0 && this.#status === IN_TRANSACTION
  }

  /** Sends messages. Those of one turn of the event loop are sent together. */
  send(chunk: Buffer): void {
    this.#traffic.onMoved()
    for (const [type] of this.#sent.push(chunk)) if (type === QUERY || type === SYNC) this.pending.count += 1
    this.#unsent.push(chunk)
    if (this.#unsent.length === 1) setImmediate(() => this.#flush())
  }

  /** Closes the session, which ends its transaction. */
  destroy(): void {
    this.#socket.destroy()
  }

  #flush(): void {
    this.#socket.write(Buffer.concat(this.#unsent.splice(0)))
  }

  #receive(chunk: Buffer): void {
    this.#traffic.onMoved()
    const frames = this.#received.push(chunk)
    for (const frame of frames) {
      if (frame[0] !== READY) continue
      this.pending.count -= 1
      this.#status = frame[5] ?? IDLE
    }
    this.onData(frames)
  }
}

/** Sessions of the database. They are reused, because opening one is slow. */
export class Backends {
  readonly #url: string
  readonly #traffic: Traffic
  readonly #idle: Backend[] = []

  constructor(url: string, traffic: Traffic) {
    this.#url = url
    this.#traffic = traffic
  }

  /** Returns a session in its initial state. */
  async acquire(): Promise<Backend> {
    for (;;) {
      const backend = this.#idle.pop()
      if (backend === undefined) return this.#open()
      if (backend.isIdle) return backend
      backend.destroy()
    }
  }

  /** Takes back a session for reuse. If it is executing something, ends it instead, as when a connection breaks. */
  release(backend: Backend): void {
    backend.pending.isHeld = () => false
    backend.onClose = () => {}
    if (!backend.isIdle) {
      backend.onData = () => {}
      backend.destroy()
      return
    }
    backend.onData = () => {
      if (backend.isIdle) {
        backend.onData = () => {}
        this.#idle.push(backend)
      }
    }
    backend.send(RESET)
  }

  close(): void {
    for (const backend of this.#idle.splice(0)) backend.destroy()
  }

  /** Opens a session with the driver, then takes over its socket. */
  async #open(): Promise<Backend> {
    const opening: Pending = { count: 1, isHeld: () => false }
    this.#traffic.pairs.add(opening)
    try {
      const client = new Client({ connectionString: this.#url })
      client.on("error", () => {})
      await client.connect()
      const socket = client.connection.stream as Socket
      for (const event of ["data", "end", "error", "close"]) socket.removeAllListeners(event)
      return new Backend(socket, this.#traffic)
    } finally {
      this.#traffic.pairs.delete(opening)
      this.#traffic.onMoved()
    }
  }
}

function query(text: string): Buffer {
  const frame = Buffer.alloc(1 + 4 + Buffer.byteLength(text) + 1)
  frame[0] = QUERY
  frame.writeInt32BE(frame.length - 1, 1)
  frame.write(text, 5)
  return frame
}
