import { Duplex } from "node:stream"
import type { FaultyWire } from "@/e2e/cluster/fuzz/Stage"
import type { Backend, Backends } from "./Backends"
import { NOTIFICATION, WELCOME } from "./Frames"

/** The connections between a node and its database, within this process. */
export class VirtualWire implements FaultyWire {
  readonly #backends: Backends
  readonly #streams = new Set<WireStream>()
  #waiting: (() => void)[] = []
  #isDown = false
  isHeld = false
  /** Whether notifications are lost at the moment. */
  losesNotifications = false

  constructor(backends: Backends) {
    this.#backends = backends
  }

  /** The option with which the database's driver uses this wire. */
  get options(): { openStream: () => Duplex } {
    return { openStream: () => this.#open() }
  }

  hold(): void {
    this.isHeld = true
  }

  release(): void {
    this.isHeld = false
    for (const send of this.#waiting.splice(0)) send()
  }

  cut(): void {
    this.#waiting = []
    for (const stream of [...this.#streams]) stream.break()
  }

  down(): void {
    this.#isDown = true
    this.cut()
  }

  up(): void {
    this.#isDown = false
  }

  /** Ends idle transactions, as PostgreSQL does after a while. */
  endIdleTransactions(): void {
    for (const stream of this.#streams) stream.endIdleTransaction()
  }

  #open(): Duplex {
    const wire = this
    const stream: WireStream = new WireStream(this.#backends, {
      get isDown() {
        return wire.#isDown
      },
      isHeld: () => this.isHeld,
      pass: (send) => {
        if (this.isHeld) this.#waiting.push(send)
        else send()
      },
      keeps: (frame) => !(this.losesNotifications && frame[0] === NOTIFICATION),
      onClose: () => this.#streams.delete(stream),
    })
    this.#streams.add(stream)
    return stream
  }
}

type WireState = {
  readonly isDown: boolean
  isHeld(): boolean
  /** Forwards something now, or when the wire is released. */
  pass(send: () => void): void
  keeps(frame: Buffer): boolean
  onClose(): void
}

/** A connection as the database's driver sees it, like a socket. */
class WireStream extends Duplex {
  readonly #backends: Backends
  readonly #wire: WireState
  #backend: Backend | undefined
  #isStarted = false

  constructor(backends: Backends, wire: WireState) {
    super()
    this.#backends = backends
    this.#wire = wire
  }

  connect(): void {
    setImmediate(() => {
      if (this.#wire.isDown) this.break()
      else this.#wire.pass(() => this.emit("connect"))
    })
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  break(): void {
    this.destroy(Object.assign(new Error("The connection was reset"), { code: "ECONNRESET" }))
  }

  endIdleTransaction(): void {
    if (this.#backend?.isIdleInTransaction === true) this.#backend.destroy()
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    done()
    this.#wire.pass(() => {
      if (this.#isStarted) this.#backend?.send(chunk)
      else void this.#start()
    })
  }

  override _final(done: () => void): void {
    done()
    this.destroy()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#backend !== undefined) this.#backends.release(this.#backend)
    this.#backend = undefined
    this.#wire.onClose()
    done(error)
  }

  /** Answers the client's first message itself, because the session has already been opened. */
  async #start(): Promise<void> {
    this.#isStarted = true
    const backend = await this.#backends.acquire().catch(() => undefined)
    if (backend === undefined || this.destroyed) {
      if (backend !== undefined) this.#backends.release(backend)
      this.break()
      return
    }
    this.#backend = backend
    backend.pending.isHeld = () => this.#wire.isHeld()
    backend.onData = (frames) => this.#wire.pass(() => this.#receive(frames))
    backend.onClose = () => this.#wire.pass(() => this.break())
    this.#wire.pass(() => this.#receive([WELCOME]))
  }

  #receive(frames: readonly Buffer[]): void {
    if (this.destroyed) return
    const kept = frames.filter((frame) => this.#wire.keeps(frame))
    if (kept.length > 0) this.push(Buffer.concat(kept))
  }
}
