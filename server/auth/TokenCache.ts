import type { Principal } from "@/lib/protocol/access"
import type { Clock } from "@/server/platform/Clock"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"
import { isTokenOf, isValidAt, principalOf, tokenIdOf } from "./token"

const POLL_MS = 1_000
/** Unknown token ids cause at most one read per interval, shared by all waiting callers. */
const MISS_INTERVAL_MS = 250

type TokenCacheOptions = {
  store: AccessStore
  clock: Clock
  /** Called for tokens that another process created or revoked since the last read. */
  onChanged?: (row: TokenRow) => void
}

/**
 * Caches the tokens and reads them again every second, because other processes create and revoke them. A token that
 * isn't cached triggers a read, so that a new token works immediately.
 */
export class TokenCache {
  readonly #store: AccessStore
  readonly #clock: Clock
  readonly #onChanged: (row: TokenRow) => void
  #onRead: () => void = () => undefined
  #rows = new Map<string, TokenRow>()
  #timer: unknown
  #reading: Promise<void> | undefined
  #nextRead: Promise<void> | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #isOpen = false

  constructor({ store, clock, onChanged = () => undefined }: TokenCacheOptions) {
    this.#store = store
    this.#clock = clock
    this.#onChanged = onChanged
  }

  /** Sets the listener that is called after each successful read. There is only one listener. */
  onRead(listener: () => void): void {
    this.#onRead = listener
  }

  /** Reads all tokens and starts polling. Rejects when the store can't be read. */
  async open(): Promise<void> {
    this.#isOpen = true
    await this.#read()
    this.#poll()
  }

  close(): void {
    this.#isOpen = false
    this.#clock.clearTimeout(this.#timer)
  }

  /**
   * Verifies a token.
   *
   * @returns what the token allows, or undefined if it is unknown, revoked or expired. Rejects when the store can't
   * be read.
   */
  async authenticate(token: string): Promise<Principal | undefined> {
    const id = tokenIdOf(token)
    if (id === undefined) return undefined
    if (!this.#rows.has(id)) await this.#readAgain()
    const row = this.#rows.get(id)
    if (row === undefined || !isTokenOf(row, token) || !isValidAt(row, this.#clock.now())) return undefined
    return principalOf(row)
  }

  /** Returns what a token id allows, or undefined if it is unknown, revoked or expired. */
  principalOf(tokenId: string): Principal | undefined {
    const row = this.#rows.get(tokenId)
    return row !== undefined && isValidAt(row, this.#clock.now()) ? principalOf(row) : undefined
  }

  /** Adds a token that this process has just stored. */
  add(row: TokenRow): void {
    this.#rows.set(row.token_id, row)
  }

  /** True if no token was ever created. */
  get isEmpty(): boolean {
    return this.#rows.size === 0
  }

  #poll(): void {
    if (!this.#isOpen) return
    this.#timer = this.#clock.setTimeout(() => {
      // After a failed read, the cached tokens stay in use. /readyz reports the problem with the store.
      this.#read()
        .catch(() => undefined)
        .finally(() => this.#poll())
    }, POLL_MS)
  }

  /** Starts a new read, because a read in progress may have missed a token created in the meantime. */
  #readAgain(): Promise<void> {
    this.#nextRead ??= (async () => {
      await this.#reading?.catch(() => undefined)
      const wait = this.#readAt + MISS_INTERVAL_MS - this.#clock.monotonic()
      if (wait > 0) await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, wait))
      this.#nextRead = undefined
      await this.#read()
    })()
    return this.#nextRead
  }

  /** Reads the tokens. Concurrent callers share one read. */
  #read(): Promise<void> {
    this.#reading ??= this.#readRows().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readRows(): Promise<void> {
    const rows = await this.#store.listTokens()
    const isFirst = this.#readAt === Number.NEGATIVE_INFINITY
    this.#readAt = this.#clock.monotonic()
    for (const row of isFirst ? [] : rows) {
      const known = this.#rows.get(row.token_id)
      if (known === undefined || known.revoked_at !== row.revoked_at) this.#onChanged(row)
    }
    this.#rows = new Map(rows.map((row) => [row.token_id, row]))
    this.#onRead()
  }
}
