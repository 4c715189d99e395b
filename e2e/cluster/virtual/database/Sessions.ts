import type { Socket } from "node:net"
import { Client } from "pg"
import { notificationFrame } from "./Frames"
import { Session } from "./Session"

const WAITING = `SELECT pid FROM pg_locks WHERE NOT granted AND pid = $1`
const CANCEL = "SELECT pg_cancel_backend($1)"

/** Sessions of the database. They are reused, because a new one has to read the catalog and to plan every statement. */
export class Sessions {
  /** The database's time, ms since the epoch. */
  nowMs = 0
  readonly #url: string
  readonly #control: Client
  readonly #all: Session[] = []
  readonly #idle: Session[] = []
  readonly #notifications: Buffer[] = []

  /** `control`: a connection for questions about the sessions, which gets the notifications for all of them. */
  constructor(url: string, control: Client) {
    this.#url = url
    this.#control = control
    control.on("notification", (notification) => this.#notifications.push(notificationFrame(notification)))
  }

  /** Returns a session in its initial state. */
  async acquire(): Promise<Session> {
    return this.#idle.pop() ?? this.#open()
  }

  /** Takes back a session for reuse. It must be at rest. */
  async release(session: Session): Promise<void> {
    await session.reset()
    this.#idle.push(session)
  }

  /** Takes back all sessions, whatever they are doing. */
  async reclaim(): Promise<void> {
    for (const session of this.#all) while (!session.isAtRest) await this.cancel(session)
    for (const session of this.#all) if (!this.#idle.includes(session)) await this.release(session)
  }

  /** Delivers notifications that have just been committed. */
  async fetchNotifications(): Promise<void> {
    // They arrive before the reply.
    await this.#control.query("SELECT")
    const frames = this.#notifications.splice(0)
    if (frames.length === 0) return
    for (const session of this.#all) if (session.isListening) session.onReply(frames)
  }

  /** Lets sessions continue that waited for a transaction that has ended. */
  async unblock(): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      hasMore = false
      for (const session of this.#all) {
        if (!session.isBlocked) continue
        await session.settle()
        // Its own locks may have been released, too.
        if (!session.isBlocked) hasMore = true
      }
    }
  }

  /** Cancels the statement that a session is executing. */
  async cancel(session: Session): Promise<void> {
    await this.#control.query(CANCEL, [session.pid])
    await session.settle()
  }

  close(): void {
    for (const session of this.#all) session.close()
  }

  async #isWaiting(session: Session): Promise<boolean> {
    // Locks are held by transactions only. Without any, the machine is just busy.
    if (!this.#all.some((other) => other !== session && (other.isInTransaction || !other.isAtRest)))
      return false
    return ((await this.#control.query(WAITING, [session.pid])).rowCount ?? 0) > 0
  }

  /** Opens a session with the driver, then takes over its socket. */
  async #open(): Promise<Session> {
    const client = new Client({ connectionString: this.#url })
    client.on("error", () => {})
    await client.connect()
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
    const socket = client.connection.stream as Socket
    for (const event of ["data", "end", "error", "close"]) socket.removeAllListeners(event)
    const session = new Session(socket, rows[0]?.pid ?? 0, {
      now: () => this.nowMs,
      isWaiting: (session) => this.#isWaiting(session),
    })
    this.#all.push(session)
    return session
  }
}
