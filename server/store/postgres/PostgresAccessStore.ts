import type { Pool } from "pg"
import type { AccessStore, SessionRow, TokenRow } from "@/server/store/AccessStore"
import { asStoreError } from "./postgresErrors"
import { exactText, type SqlRow } from "./runRow"

const ADD_TOKEN = "INSERT INTO tokens (token_id, name, revoked_at, token) VALUES ($1, $2, $3, $4)"
const LIST_TOKENS = "SELECT token, revoked_at FROM tokens ORDER BY added"
// Doesn't change the time of a token that is already revoked.
const REVOKE_TOKENS =
  "UPDATE tokens SET revoked_at = $1 WHERE (token_id = $2 OR name = $2) AND revoked_at IS NULL"
const ADD_SESSION = "INSERT INTO sessions (sha256, token_id, created_at, expires_at) VALUES ($1, $2, $3, $4)"
const FIND_SESSION = "SELECT sha256, token_id, created_at, expires_at FROM sessions WHERE sha256 = $1"
const END_SESSION = `WITH ended AS (DELETE FROM sessions WHERE sha256 = $1)
  INSERT INTO ended_sessions (sha256) VALUES ($1) ON CONFLICT DO NOTHING`
/** Nodes read ended sessions every second, so old entries aren't needed anymore. */
const DELETE_OLD_ENDS = "DELETE FROM ended_sessions WHERE ended_at < now() - interval '1 day'"
const ENDED_RECENTLY = "SELECT sha256 FROM ended_sessions WHERE ended_at > now() - interval '30 seconds'"
const DELETE_EXPIRED = "DELETE FROM sessions WHERE expires_at <= $1"

/** Tokens and sessions in a migrated PostgreSQL database. Rejects with `StoreUnavailableError`. */
export class PostgresAccessStore implements AccessStore {
  readonly #pool: Pool

  /** `pool`: connections with write access. */
  constructor(pool: Pool) {
    this.#pool = pool
  }

  async addToken(row: TokenRow): Promise<void> {
    const { revoked_at = null, ...token } = row
    const values = [exactText(row.token_id), exactText(row.name), revoked_at, JSON.stringify(token)]
    await this.#query(ADD_TOKEN, values)
  }

  async listTokens(): Promise<TokenRow[]> {
    return (await this.#query(LIST_TOKENS)).rows.map(readToken)
  }

  async revokeTokens(nameOrId: string, at: string): Promise<number> {
    return (await this.#query(REVOKE_TOKENS, [at, exactText(nameOrId)])).rowCount ?? 0
  }

  async addSession(row: SessionRow): Promise<void> {
    await this.#query(ADD_SESSION, [row.sha256, row.token_id, row.created_at, row.expires_at])
  }

  async findSession(sha256: string): Promise<SessionRow | undefined> {
    const [columns] = (await this.#query(FIND_SESSION, [sha256])).rows
    if (columns === undefined) return undefined
    const [hash, token_id, created_at, expires_at] = columns.map(String)
    if (hash === undefined || token_id === undefined || created_at === undefined || expires_at === undefined)
      return undefined
    return { sha256: hash, token_id, created_at, expires_at }
  }

  async endSession(sha256: string): Promise<void> {
    await this.#query(END_SESSION, [sha256])
  }

  async deleteExpiredSessions(now: string): Promise<void> {
    await this.#query(DELETE_EXPIRED, [now])
    await this.#query(DELETE_OLD_ENDS)
  }

  /** Returns the sessions that were ended on any node in the last 30 s. */
  async recentlyEndedSessions(): Promise<string[]> {
    return (await this.#query(ENDED_RECENTLY)).rows.map(([sha256]) => String(sha256))
  }

  async #query(text: string, values: unknown[] = []) {
    try {
      return await this.#pool.query<unknown[]>({ text, values, rowMode: "array" })
    } catch (error) {
      throw asStoreError(error)
    }
  }
}

function readToken([token, revokedAt]: SqlRow): TokenRow {
  const row: TokenRow = JSON.parse(String(token))
  return typeof revokedAt === "string" ? { ...row, revoked_at: revokedAt } : row
}
