import { randomBytes } from "node:crypto"
import type { Principal } from "@/lib/protocol/access"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { AccessStore, SessionRow } from "@/server/store/AccessStore"
import type { TokenCache } from "./TokenCache"
import { sha256 } from "./token"

/** A session lasts 30 days, or as long as its token. */
export const SESSION_MS = 30 * 86_400_000
const COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/
const SWEEP_MS = 3_600_000
/** Sessions held in memory; the oldest goes first and is read from the store when it comes back. */
const HELD = 10_000

/** A signed-in browser. `sha256` names the session without letting anybody in. */
export type Session = { sha256: string; principal: Principal; expiresAt: number }

type SessionStoreOptions = { store: AccessStore; tokens: TokenCache; clock: Clock }

/** The browsers that are signed in: a cookie's hash and the token that it came from. */
export class SessionStore {
  readonly #store: AccessStore
  readonly #tokens: TokenCache
  readonly #clock: Clock
  readonly #rows = new Map<string, SessionRow>()
  #timer: unknown

  constructor({ store, tokens, clock }: SessionStoreOptions) {
    this.#store = store
    this.#tokens = tokens
    this.#clock = clock
  }

  /** Begins to sweep out expired sessions, now and every hour. */
  open(): void {
    // A sweep that fails is made up for by the next one.
    this.#store.deleteExpiredSessions(isoTime(this.#clock.now())).catch(() => undefined)
    this.#timer = this.#clock.setTimeout(() => this.open(), SWEEP_MS)
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  /** Signs a browser in; the cookie's value is kept nowhere. Rejects when the store cannot commit. */
  async start(principal: Principal): Promise<string> {
    const value = randomBytes(32).toString("base64url")
    const now = this.#clock.now()
    const row: SessionRow = {
      sha256: sha256(value),
      token_id: principal.token_id,
      created_at: isoTime(now),
      expires_at: isoTime(now + SESSION_MS),
    }
    await this.#store.addSession(row)
    this.#hold(row)
    return value
  }

  /** The session of a cookie's value; undefined when it is unknown, ended, expired, or its token is no longer good. */
  async get(value: string): Promise<Session | undefined> {
    if (!COOKIE_VALUE.test(value)) return undefined
    const key = sha256(value)
    const held = this.#rows.get(key)
    const row = held ?? (await this.#store.findSession(key))
    if (row === undefined) return undefined
    if (held === undefined) this.#hold(row)
    return this.#alive(row)
  }

  /** Signs a browser out. Rejects when the store cannot commit. */
  async end(key: string): Promise<void> {
    await this.#store.endSession(key)
    this.#rows.delete(key)
  }

  #alive(row: SessionRow): Session | undefined {
    const expiresAt = Date.parse(row.expires_at)
    const principal = this.#tokens.principalOf(row.token_id)
    if (principal === undefined || expiresAt <= this.#clock.now()) return undefined
    return { sha256: row.sha256, principal, expiresAt }
  }

  #hold(row: SessionRow): void {
    this.#rows.set(row.sha256, row)
    const oldest = this.#rows.keys().next()
    if (this.#rows.size > HELD && !oldest.done) this.#rows.delete(oldest.value)
  }
}
