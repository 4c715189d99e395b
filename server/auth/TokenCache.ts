import type { Principal } from "@/lib/protocol/access"
import type { Clock } from "@/server/platform/Clock"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"
import { isAlive, isTokenOf, principalOf, tokenIdOf } from "./token"

const POLL_MS = 1_000
/** Unknown ids have the store asked this often at most, all that wait by one look. */
const MISS_INTERVAL_MS = 250

type TokenBookParts = {
  store: AccessStore
  clock: Clock
  /** Called after each look at the store that succeeded. */
  looked?: () => void
  /** Called of tokens that another process made or revoked since the last look. */
  changed?: (row: TokenRow) => void
}

/**
 * The tokens as last read from the store, read again every second, since another process makes and revokes them.
 * A token that is not in the book is looked up at once, so that one just made works at once.
 */
export class TokenCache {
  readonly #store: AccessStore
  readonly #clock: Clock
  readonly #looked: () => void
  readonly #changed: (row: TokenRow) => void
  #rows = new Map<string, TokenRow>()
  #timer: unknown
  #looking: Promise<void> | undefined
  #lookingAgain: Promise<void> | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #open = false

  constructor({ store, clock, looked, changed }: TokenBookParts) {
    this.#store = store
    this.#clock = clock
    this.#looked = looked ?? (() => undefined)
    this.#changed = changed ?? (() => undefined)
  }

  /** Reads all tokens; rejects when the store cannot be read. */
  async open(): Promise<void> {
    this.#open = true
    await this.#look()
    this.#poll()
  }

  close(): void {
    this.#open = false
    this.#clock.clearTimeout(this.#timer)
  }

  /** What a token allows now; undefined when it is unknown, revoked or expired. Rejects when the store cannot be read. */
  async find(token: string): Promise<Principal | undefined> {
    const id = tokenIdOf(token)
    if (id === undefined) return undefined
    if (!this.#rows.has(id)) await this.#lookAgain()
    const row = this.#rows.get(id)
    if (row === undefined || !isTokenOf(row, token) || !isAlive(row, this.#clock.now())) return undefined
    return principalOf(row)
  }

  /** What the token of an id allows now; undefined when it is unknown, revoked or expired. */
  principal(tokenId: string): Principal | undefined {
    const row = this.#rows.get(tokenId)
    return row !== undefined && isAlive(row, this.#clock.now()) ? principalOf(row) : undefined
  }

  /** Puts a token that this process has just stored into the book. */
  add(row: TokenRow): void {
    this.#rows.set(row.token_id, row)
  }

  /** Whether no token was ever made. */
  get empty(): boolean {
    return this.#rows.size === 0
  }

  #poll(): void {
    if (!this.#open) return
    this.#timer = this.#clock.setTimeout(() => {
      // A store that cannot be read leaves the book as it was; readiness tells of it.
      this.#look()
        .catch(() => undefined)
        .finally(() => this.#poll())
    }, POLL_MS)
  }

  /** A look that begins after now, since one under way may have missed what was made meanwhile. */
  #lookAgain(): Promise<void> {
    this.#lookingAgain ??= (async () => {
      await this.#looking?.catch(() => undefined)
      const wait = this.#lookedAt + MISS_INTERVAL_MS - this.#clock.monotonic()
      if (wait > 0) await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, wait))
      this.#lookingAgain = undefined
      await this.#look()
    })()
    return this.#lookingAgain
  }

  /** One look at a time, however many wait for it. */
  #look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #read(): Promise<void> {
    const rows = await this.#store.listTokens()
    const isFirst = this.#lookedAt === Number.NEGATIVE_INFINITY
    this.#lookedAt = this.#clock.monotonic()
    for (const row of isFirst ? [] : rows) {
      const known = this.#rows.get(row.token_id)
      if (known === undefined || known.revoked_at !== row.revoked_at) this.#changed(row)
    }
    this.#rows = new Map(rows.map((row) => [row.token_id, row]))
    this.#looked()
  }
}
