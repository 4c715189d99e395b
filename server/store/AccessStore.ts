/** The stored data of a token, without the token itself. */
export type TokenRow = {
  token_id: string
  name: string
  /** SHA-256 of the complete token, in lower-case hex. */
  sha256: string
  write: string[]
  read: "own" | "all" | string[]
  control: boolean
  mint: boolean
  created_at: string
  expires_at?: string
  revoked_at?: string
}

/** A browser's session: the hash of its cookie and the token that it was created with. */
export type SessionRow = {
  sha256: string
  token_id: string
  created_at: string
  expires_at: string
}

/** Stores tokens and sessions, in the run store's database. Other processes (`npm run token`) may also write to it. */
export interface AccessStore {
  addToken(row: TokenRow): Promise<void>
  /** Returns all tokens, including revoked ones. */
  listTokens(): Promise<TokenRow[]>
  /** Revokes the tokens with this name or id that aren't revoked yet. Returns the number of tokens that it revoked. */
  revokeTokens(nameOrId: string, at: string): Promise<number>
  addSession(row: SessionRow): Promise<void>
  findSession(sha256: string): Promise<SessionRow | undefined>
  endSession(sha256: string): Promise<void>
  deleteExpiredSessions(now: string): Promise<void>
}
