/** A token as it is kept: never the token itself. */
export type TokenRow = {
  token_id: string
  name: string
  /** SHA-256 of the whole token, in lower-case hex. */
  sha256: string
  write: string[]
  read: "own" | "all" | string[]
  control: boolean
  mint: boolean
  created_at: string
  expires_at?: string
  revoked_at?: string
}

/** A browser's session: a cookie's hash and the token that it was made with. */
export type SessionRow = {
  sha256: string
  token_id: string
  created_at: string
  expires_at: string
}

/** Where tokens and sessions are kept: the run store's database. Another process (`npm run token`) may write to it at any time. */
export interface AccessStore {
  addToken(row: TokenRow): Promise<void>
  /** All tokens, revoked ones too. */
  listTokens(): Promise<TokenRow[]>
  /** Marks the tokens of that name or id as revoked, unless they are already; how many it marked. */
  revokeTokens(nameOrId: string, at: string): Promise<number>
  addSession(row: SessionRow): Promise<void>
  findSession(sha256: string): Promise<SessionRow | undefined>
  endSession(sha256: string): Promise<void>
  deleteExpiredSessions(now: string): Promise<void>
}
