import type { Client, Pool } from "pg"
import type { Logger } from "pino"
import type { Clock } from "@/server/platform/Clock"
import {
  type ChangeNotification,
  decodeNotification,
  encodeNotifications,
  type NotificationEntry,
} from "./notifications"

/**
 * The first change after a pause is sent immediately. NOTIFY is expensive, so later changes are gathered for this time.
 */
const GATHER_MS = 10
const RECONNECT_MS = 500
/** How long to wait before resending notifications that couldn't be sent. */
const RETRY_MS = 500
/** How often a node notifies itself, to find out whether notifications still arrive. */
const PROBE_MS = 1_000
/** A probe that hasn't arrived after this time counts as lost. */
const PROBE_TIMEOUT_MS = 2_000

const CHANNEL = "SELECT 'turnline_' || current_schema() AS channel"
const NOTIFY = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) payload"

type ChannelOptions = {
  pool: Pool
  /** Opens the connection for LISTEN. */
  connect(): Promise<Client>
  clock: Clock
  logger: Logger
  /** Identifies this process in its notifications. */
  sender: string
}

/** The changes since the last notifications were sent. */
type Changes = {
  turns: Map<string, number>
  changed: Set<string>
  deleted: Set<string>
  sessions: Set<string>
  isNew: boolean
}

type ChannelEvents = {
  onNotification(notification: ChangeNotification): void
  /** Called when notifications may have been missed: everything must be checked. */
  onGap(): void
}

/**
 * Notifies other nodes after this node has committed something, and receives their notifications. All nodes use one
 * channel. NOTIFY is never part of an append's transaction, and LISTEN has its own connection. A lost notification only
 * causes a delay, since every node also polls.
 */
export class NotificationChannel {
  readonly #options: ChannelOptions
  #events: ChannelEvents | undefined
  #name = ""
  #client: Client | undefined
  #unsent = noChanges()
  #sendTimer: unknown
  #sentAt = Number.NEGATIVE_INFINITY
  #probeTimer: unknown
  #reconnectTimer: unknown
  #probeSentAt: number | undefined
  #isHealthy = false
  #isMuted = true
  #isClosed = false
  sent = 0
  received = 0

  constructor(options: ChannelOptions) {
    this.#options = options
  }

  /** True while notifications arrive. While they don't arrive, the node polls more often. */
  get isHealthy(): boolean {
    return this.#isHealthy
  }

  /** Starts listening. Rejects with the database's error. */
  async open(events: ChannelEvents): Promise<void> {
    this.#events = events
    const { rows } = await this.#options.pool.query<{ channel: string }>(CHANNEL)
    this.#name = rows[0]?.channel ?? "turnline"
    await this.#listen()
    this.#probe()
  }

  /** Stops sending. Nothing needs to be sent while there are no other nodes. */
  mute(): void {
    this.#isMuted = true
  }

  /**
   * Starts sending again. Announces this node, because another node, which may only have been suspended, has missed the
   * changes since `mute`.
   */
  unmute(): void {
    if (!this.#isMuted) return
    this.#isMuted = false
    if (this.#events !== undefined) this.announce()
  }

  onTurns(run_id: string, cursor: number): void {
    if (this.#isMuted) return
    const { turns } = this.#unsent
    turns.set(run_id, Math.max(cursor, turns.get(run_id) ?? 0))
    this.#sendSoon()
  }

  onChange(run_id: string): void {
    if (this.#isMuted) return
    this.#unsent.changed.add(run_id)
    this.#sendSoon()
  }

  onDelete(run_id: string): void {
    if (this.#isMuted) return
    this.#unsent.deleted.add(run_id)
    this.#sendSoon()
  }

  onSessionEnd(sha256: string): void {
    if (this.#isMuted) return
    this.#unsent.sessions.add(sha256)
    this.#sendSoon()
  }

  /** Announces this node, so that the other nodes publish everything and look for changes that they have missed. */
  announce(): void {
    this.#unsent.isNew = true
    this.#sendSoon()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const { clock } = this.#options
    clock.clearTimeout(this.#probeTimer)
    clock.clearTimeout(this.#reconnectTimer)
    clock.clearTimeout(this.#sendTimer)
    await this.#send()
    await this.#client?.end().catch(() => {})
  }

  #sendSoon(afterMs = GATHER_MS): void {
    const { clock } = this.#options
    const wait = Math.max(0, this.#sentAt + afterMs - clock.monotonic())
    this.#sendTimer ??= clock.setTimeout(() => {
      this.#sendTimer = undefined
      this.#sentAt = clock.monotonic()
      void this.#send()
    }, wait)
  }

  /** Sends the unsent changes. If that fails, keeps them for another attempt. */
  async #send(): Promise<void> {
    const { pool, sender } = this.#options
    const changes = this.#unsent
    const payloads = encodeNotifications(sender, entriesOf(changes))
    if (payloads.length === 0) return
    this.#unsent = noChanges()
    try {
      await pool.query(NOTIFY, [this.#name, payloads])
      this.sent += payloads.length
    } catch {
      this.#unsent = merge(changes, this.#unsent)
      if (!this.#isClosed) this.#sendSoon(RETRY_MS)
    }
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
    // Must be the last statement: `pg_stat_activity` then shows what the connection is for.
    await client.query(`LISTEN ${client.escapeIdentifier(this.#name)}`)
    this.#client = client
    this.#isHealthy = true
    this.#probeSentAt = undefined
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
    const decoded = decodeNotification(payload)
    if (decoded === undefined) return
    if (decoded.sender === sender) {
      if (decoded.isProbe && this.#probeSentAt !== undefined) {
        if (!this.#isHealthy) this.#events?.onGap()
        this.#isHealthy = clock.monotonic() - this.#probeSentAt < PROBE_TIMEOUT_MS || this.#isHealthy
        this.#probeSentAt = undefined
      }
      return
    }
    this.received += 1
    this.#events?.onNotification(decoded.notification)
  }

  /** Sends this node a notification every second, because a connection can look open but deliver nothing. */
  #probe(): void {
    const { clock, pool, sender } = this.#options
    this.#probeTimer = clock.setTimeout(() => {
      const now = clock.monotonic()
      if (this.#probeSentAt === undefined) {
        this.#probeSentAt = now
        pool.query(NOTIFY, [this.#name, [JSON.stringify([sender])]]).catch(() => {})
      } else if (now - this.#probeSentAt > PROBE_TIMEOUT_MS && this.#isHealthy) {
        this.#isHealthy = false
        this.#options.logger.warn("notifications from the database aren't arriving; polling until they do")
        // Opens a new connection: the old one may be dead although it looks open.
        const stale = this.#client
        this.#client = undefined
        stale?.connection.stream.destroy()
        this.#listenAgain()
      }
      if (!this.#isClosed) this.#probe()
    }, PROBE_MS)
  }
}

function noChanges(): Changes {
  return { turns: new Map(), changed: new Set(), deleted: new Set(), sessions: new Set(), isNew: false }
}

function merge(earlier: Changes, later: Changes): Changes {
  return {
    // Cursors only grow, so later ones replace earlier ones.
    turns: new Map([...earlier.turns, ...later.turns]),
    changed: new Set([...earlier.changed, ...later.changed]),
    deleted: new Set([...earlier.deleted, ...later.deleted]),
    sessions: new Set([...earlier.sessions, ...later.sessions]),
    isNew: earlier.isNew || later.isNew,
  }
}

function entriesOf({ turns, changed, deleted, sessions, isNew }: Changes): NotificationEntry[] {
  return [
    ...[...turns].map(([run_id, cursor]): NotificationEntry => ["t", run_id, cursor]),
    ...[...changed].map((run_id): NotificationEntry => ["c", run_id]),
    ...[...deleted].map((run_id): NotificationEntry => ["d", run_id]),
    ...[...sessions].map((sha256): NotificationEntry => ["s", sha256]),
    ...(isNew ? [["n"] satisfies NotificationEntry] : []),
  ]
}
