import type { AccessStore, SessionRow, TokenRow } from "@/server/store/AccessStore"

/** Tokens and sessions in memory. */
export class MemoryAccessStore implements AccessStore {
  readonly #tokens = new Map<string, TokenRow>()
  readonly #sessions = new Map<string, SessionRow>()

  async addToken(row: TokenRow): Promise<void> {
    this.#tokens.set(row.token_id, row)
  }

  async listTokens(): Promise<TokenRow[]> {
    return [...this.#tokens.values()]
  }

  async revokeTokens(nameOrId: string, at: string): Promise<number> {
    const rows = [...this.#tokens.values()].filter(
      (row) => row.revoked_at === undefined && (row.name === nameOrId || row.token_id === nameOrId),
    )
    for (const row of rows) this.#tokens.set(row.token_id, { ...row, revoked_at: at })
    return rows.length
  }

  async addSession(row: SessionRow): Promise<void> {
    this.#sessions.set(row.sha256, row)
  }

  async findSession(sha256: string): Promise<SessionRow | undefined> {
    return this.#sessions.get(sha256)
  }

  async endSession(sha256: string): Promise<void> {
    this.#sessions.delete(sha256)
  }

  async deleteExpiredSessions(now: string): Promise<void> {
    for (const [key, row] of this.#sessions) if (row.expires_at <= now) this.#sessions.delete(key)
  }
}
