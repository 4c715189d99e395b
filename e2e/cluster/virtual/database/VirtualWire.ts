import { Duplex } from "node:stream"
import type { FaultyWire } from "@/e2e/cluster/fuzz/Stage"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { VirtualTime } from "../VirtualTime"
import { Frames, NOTIFICATION, WELCOME } from "./Frames"
import { Lane } from "./Lane"
import type { Session } from "./Session"
import type { VirtualDatabase } from "./VirtualDatabase"

const MAX_REPEAT_MS = 1_000

export type WireParts = {
  database: VirtualDatabase
  time: VirtualTime
  random: SeededRandom
  /** Whether the database is away for all nodes. */
  outage?: { isNow: boolean }
}

/** The connections between a node and its database, within this process. */
export class VirtualWire implements FaultyWire {
  readonly parts: WireParts
  readonly #streams = new Set<WireStream>()
  #isDown = false
  isHeld = false
  /** Whether notifications are lost at the moment. */
  losesNotifications = false
  /** The probability that a notification arrives again, later. */
  repeatChance = 0
  /** The range of the time that a packet takes, ms. */
  delayMs: [min: number, max: number] = [0, 0]

  constructor(parts: WireParts) {
    this.parts = parts
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
    for (const stream of this.#streams) stream.release()
  }

  cut(): void {
    for (const stream of [...this.#streams]) stream.break()
  }

  down(): void {
    this.#isDown = true
    this.cut()
  }

  up(): void {
    this.#isDown = false
  }

  get isDown(): boolean {
    return this.#isDown || this.parts.outage?.isNow === true
  }

  #open(): Duplex {
    const stream: WireStream = new WireStream(this, () => this.#streams.delete(stream))
    this.#streams.add(stream)
    return stream
  }
}

type Reply = readonly Buffer[] | "closed"

/** A connection as the database's driver sees it, like a socket. */
class WireStream extends Duplex {
  readonly #wire: VirtualWire
  readonly #onClosed: () => void
  readonly #up: Lane<Buffer>
  readonly #down: Lane<Reply>
  readonly #sent = new Frames()
  #unsent: Buffer[] = []
  #session: Session | undefined
  #isStarted = false

  constructor(wire: VirtualWire, onClosed: () => void) {
    super()
    this.#wire = wire
    this.#onClosed = onClosed
    const { time, random } = wire.parts
    const shared = {
      time,
      delayMs: () => random.int(...wire.delayMs),
      isHeld: () => wire.isHeld,
    }
    this.#up = new Lane({ ...shared, deliver: (packet) => this.#arrive(packet) })
    this.#down = new Lane({ ...shared, deliver: (reply) => this.#receive(reply) })
  }

  connect(): void {
    setImmediate(() => {
      if (this.#wire.isDown) this.break()
      else this.emit("connect")
    })
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  release(): void {
    this.#up.schedule()
    this.#down.schedule()
  }

  break(): void {
    this.destroy(Object.assign(new Error("The connection was reset"), { code: "ECONNRESET" }))
  }

  override _read(): void {}

  /** Gathers what is written in one turn of the event loop into one packet. */
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    done()
    this.#wire.parts.time.onMoved()
    this.#unsent.push(chunk)
    if (this.#unsent.length > 1) return
    setImmediate(() => {
      const packet = Buffer.concat(this.#unsent.splice(0))
      if (!this.destroyed) this.#up.push(packet)
    })
  }

  override _final(done: () => void): void {
    done()
    this.destroy()
  }

  /** Of the packets in transit, the database executes as many as have left the node. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { database, random, time } = this.#wire.parts
    const packets = this.#wire.isHeld ? [] : this.#up.cut()
    const arrived = packets.slice(0, random.int(0, packets.length))
    const session = this.#session
    this.#session = undefined
    this.#down.cut()
    if (session !== undefined) {
      session.onReply = () => {}
      const frames = arrived.flatMap((packet) => this.#sent.push(packet))
      time.at(time.ms + random.int(...this.#wire.delayMs), () => database.abandon(session, frames))
    }
    this.#onClosed()
    done(error)
  }

  async #arrive(packet: Buffer): Promise<void> {
    const { database } = this.#wire.parts
    if (this.destroyed) return
    if (!this.#isStarted) return this.#start()
    if (this.#session !== undefined) {
      const frames = this.#sent.push(packet)
      await database.execute(this.#session, frames, () => {
        this.#session = undefined
        this.#down.push("closed")
      })
    }
  }

  /** Answers the client's first message itself, because the session has already been opened. */
  async #start(): Promise<void> {
    this.#isStarted = true
    const session = await this.#wire.parts.database.sessions.acquire()
    this.#session = session
    session.onReply = (frames) => this.#down.push(frames)
    this.#down.push([WELCOME])
  }

  #receive(reply: Reply): void {
    if (this.destroyed) return
    this.#wire.parts.time.onMoved()
    if (reply === "closed") {
      this.break()
      return
    }
    const lost = this.#wire.losesNotifications
    const kept = lost ? reply.filter((frame) => frame[0] !== NOTIFICATION) : reply
    if (kept.length > 0) this.push(Buffer.concat(kept))
    for (const frame of kept) if (frame[0] === NOTIFICATION) this.#repeat(frame)
  }

  #repeat(frame: Buffer): void {
    const { time, random } = this.#wire.parts
    if (!random.chance(this.#wire.repeatChance)) return
    time.at(time.ms + random.int(0, MAX_REPEAT_MS), () => this.#down.push([frame]))
  }
}
