import type { Client, Pool } from "pg"
import type { Logger } from "pino"
import type { Clock } from "@/server/platform/Clock"
import { decodeRing, encodeRings, type Ring, type RingEntry } from "./rings"

/** The first ring after a pause goes out immediately, and those that follow within this time together: NOTIFY isn't cheap. */
const GATHER_MS = 10
const RECONNECT_MS = 500
/** How often a node rings itself, to find out whether rings still arrive. */
const ECHO_MS = 1_000
/** A ring that hasn't come back after this long is lost. */
const ECHO_TIMEOUT_MS = 2_000

const CHANNEL = "SELECT 'turnline_' || current_schema() AS channel"
const NOTIFY = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) payload"

type DoorbellOptions = {
  pool: Pool
  /** Opens the connection that listens. */
  connect(): Promise<Client>
  clock: Clock
  logger: Logger
  /** This process, as it signs its rings. */
  sender: string
}

type DoorbellEvents = {
  onRing(ring: Ring): void
  /** Rings may have been missed: everything must be checked. */
  onGap(): void
}

/**
 * Rings other nodes when this one has committed something, and receives their rings: NOTIFY on one channel, never in the
 * transaction of an append, and LISTEN on a separate connection. A lost ring only costs delay, since every node also polls.
 */
export class Doorbell {
  readonly #options: DoorbellOptions
  #events: DoorbellEvents | undefined
  #channel = ""
  #client: Client | undefined
  #turns = new Map<string, number>()
  #changed = new Set<string>()
  #deleted = new Set<string>()
  #sessions = new Set<string>()
  #isNew = false
  #ringTimer: unknown
  #rungAt = Number.NEGATIVE_INFINITY
  #echoTimer: unknown
  #reconnectTimer: unknown
  #echoSentAt: number | undefined
  #isHealthy = false
  #isMuted = true
  #isClosed = false
  sent = 0
  received = 0

  constructor(options: DoorbellOptions) {
    this.#options = options
  }

  /** Rings arrive. While they don't, the node polls more often. */
  get isHealthy(): boolean {
    return this.#isHealthy
  }

  /** Listens. Rejects with the database's error. */
  async open(events: DoorbellEvents): Promise<void> {
    this.#events = events
    const { rows } = await this.#options.pool.query<{ channel: string }>(CHANNEL)
    this.#channel = rows[0]?.channel ?? "turnline"
    await this.#listen()
    this.#echo()
  }

  /** While no other node is there, nothing is sent. */
  mute(isMuted: boolean): void {
    this.#isMuted = isMuted
  }

  onTurns(run_id: string, cursor: number): void {
    if (this.#isMuted) return
    this.#turns.set(run_id, Math.max(cursor, this.#turns.get(run_id) ?? 0))
    this.#ringSoon()
  }

  onChange(run_id: string): void {
    if (this.#isMuted) return
    this.#changed.add(run_id)
    this.#ringSoon()
  }

  onDelete(run_id: string): void {
    if (this.#isMuted) return
    this.#deleted.add(run_id)
    this.#ringSoon()
  }

  onSessionEnd(sha256: string): void {
    if (this.#isMuted) return
    this.#sessions.add(sha256)
    this.#ringSoon()
  }

  /** Asks the other nodes to publish everything. */
  announce(): void {
    this.#isNew = true
    this.#ringSoon()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const { clock } = this.#options
    clock.clearTimeout(this.#echoTimer)
    clock.clearTimeout(this.#reconnectTimer)
    clock.clearTimeout(this.#ringTimer)
    await this.#ring().catch(() => {})
    await this.#client?.end().catch(() => {})
  }

  #ringSoon(): void {
    const { clock } = this.#options
    const wait = Math.max(0, this.#rungAt + GATHER_MS - clock.monotonic())
    this.#ringTimer ??= clock.setTimeout(() => {
      this.#ringTimer = undefined
      this.#rungAt = clock.monotonic()
      // Best effort: the other nodes poll.
      this.#ring().catch(() => {})
    }, wait)
  }

  async #ring(): Promise<void> {
    const payloads = this.#takePayloads()
    if (payloads.length === 0) return
    this.sent += payloads.length
    await this.#options.pool.query(NOTIFY, [this.#channel, payloads])
  }

  #takePayloads(): string[] {
    const { sender } = this.#options
    const entries: RingEntry[] = [
      ...[...this.#turns].map(([run_id, cursor]): RingEntry => ["t", run_id, cursor]),
      ...[...this.#changed].map((run_id): RingEntry => ["c", run_id]),
      ...[...this.#deleted].map((run_id): RingEntry => ["d", run_id]),
      ...[...this.#sessions].map((sha256): RingEntry => ["s", sha256]),
      ...(this.#isNew ? [["n"] satisfies RingEntry] : []),
    ]
    this.#turns = new Map()
    this.#changed = new Set()
    this.#deleted = new Set()
    this.#sessions = new Set()
    this.#isNew = false
    return encodeRings(sender, entries)
  }

  async #listen(): Promise<void> {
    const client = await this.#options.connect()
    client.on("notification", ({ payload }) => this.#receive(payload ?? ""))
    const onEnd = () => {
      if (this.#client !== client) return
      this.#client = undefined
      this.#isHealthy = false
      this.#listenAgain()
    }
    client.on("end", onEnd)
    client.on("error", onEnd)
    // The last statement on this connection: whatever PgBouncer or a person sees of it says what it is for.
    await client.query(`LISTEN ${client.escapeIdentifier(this.#channel)}`)
    this.#client = client
    this.#isHealthy = true
    this.#echoSentAt = undefined
    this.#events?.onGap()
  }

  #listenAgain(): void {
    if (this.#isClosed) return
    const { clock } = this.#options
    clock.clearTimeout(this.#reconnectTimer)
    this.#reconnectTimer = clock.setTimeout(() => {
      this.#listen().catch(() => this.#listenAgain())
    }, RECONNECT_MS)
  }

  #receive(payload: string): void {
    const { sender, clock } = this.#options
    const decoded = decodeRing(payload)
    if (decoded === undefined) return
    if (decoded.sender === sender) {
      if (decoded.isEcho && this.#echoSentAt !== undefined) {
        if (!this.#isHealthy) this.#events?.onGap()
        this.#isHealthy = clock.monotonic() - this.#echoSentAt < ECHO_TIMEOUT_MS || this.#isHealthy
        this.#echoSentAt = undefined
      }
      return
    }
    this.received += 1
    this.#events?.onRing(decoded.ring)
  }

  /** Rings itself now and then: a connection can look open and deliver nothing. */
  #echo(): void {
    const { clock, pool, sender } = this.#options
    this.#echoTimer = clock.setTimeout(() => {
      const now = clock.monotonic()
      if (this.#echoSentAt === undefined) {
        this.#echoSentAt = now
        pool.query(NOTIFY, [this.#channel, [JSON.stringify([sender])]]).catch(() => {})
      } else if (now - this.#echoSentAt > ECHO_TIMEOUT_MS && this.#isHealthy) {
        this.#isHealthy = false
        this.#options.logger.warn("notifications from the database don't arrive; polling until they do")
        // A new connection: the old one may be one that nobody serves any more.
        const stale = this.#client
        this.#client = undefined
        stale?.connection.stream.destroy()
        this.#listenAgain()
      }
      if (!this.#isClosed) this.#echo()
    }, ECHO_MS)
  }
}
