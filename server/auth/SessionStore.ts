import { randomBytes } from "node:crypto"
import { LRUCache } from "lru-cache"
import type { Principal } from "@/lib/protocol/access"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { AccessStore, SessionRow } from "@/server/store/AccessStore"
import type { TokenCache } from "./TokenCache"
import { sha256 } from "./token"

/** A session lasts 30 days, or until its token expires or is revoked. */
export const SESSION_MS = 30 * 86_400_000
const COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/
const SWEEP_MS = 3_600_000
/** The maximum number of cached sessions. Evicted sessions are read from the store again. */
const MAX_CACHED = 10_000

/** A signed-in browser. `sha256` identifies the session but can't be used to sign in. */
export type Session = { sha256: string; principal: Principal; expiresAt: number }

type SessionStoreOptions = { store: AccessStore; tokens: TokenCache; clock: Clock }

/** The sessions of signed-in browsers, by the hash of their cookie. */
export class SessionStore {
  readonly #store: AccessStore
  readonly #tokens: TokenCache
  readonly #clock: Clock
  readonly #rows = new LRUCache<string, SessionRow>({ max: MAX_CACHED })
  #timer: unknown

  constructor({ store, tokens, clock }: SessionStoreOptions) {
    this.#store = store
    this.#tokens = tokens
    this.#clock = clock
  }

  /** Starts deleting expired sessions, now and every hour. */
  open(): void {
    // Best effort: sessions that aren't deleted now are deleted by the next sweep.
    this.#store.deleteExpiredSessions(isoTime(this.#clock.now())).catch(() => undefined)
    this.#timer = this.#clock.setTimeout(() => this.open(), SWEEP_MS)
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  /** Starts a session and returns the cookie's value, which isn't stored. Rejects when the store can't commit. */
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
    this.#rows.set(row.sha256, row)
    return value
  }

  /**
   * Returns the session of a cookie; undefined if the session is unknown, ended or expired, or if its token is invalid.
   */
  async get(value: string): Promise<Session | undefined> {
    if (!COOKIE_VALUE.test(value)) return undefined
    const key = sha256(value)
    const cached = this.#rows.get(key)
    const row = cached ?? (await this.#store.findSession(key))
    if (row === undefined) return undefined
    if (cached === undefined) this.#rows.set(key, row)
    return this.#validSession(row)
  }

  /** Ends a session. Rejects when the store can't commit. */
  async end(key: string): Promise<void> {
    await this.#store.endSession(key)
    this.#rows.delete(key)
  }

  /** Drops a session that was ended elsewhere. */
  drop(sha256: string): void {
    this.#rows.delete(sha256)
  }

  #validSession(row: SessionRow): Session | undefined {
    const expiresAt = Date.parse(row.expires_at)
    const principal = this.#tokens.principalOf(row.token_id)
    if (principal === undefined || expiresAt <= this.#clock.now()) return undefined
    return { sha256: row.sha256, principal, expiresAt }
  }
}
