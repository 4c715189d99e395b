import type { SessionRow, TokenRow } from "@/server/store/AccessStore"
import { type SqlRow, textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"

/** Creates synchronous operations for tokens and sessions. Writes must be in a transaction. */
export function createAccessOps(db: SqliteDatabase) {
  return {
    addToken(row: TokenRow): void {
      const { revoked_at, ...token } = row
      db.query("INSERT INTO tokens (token_id, name, revoked_at, token) VALUES (?, ?, ?, ?)").run(
        JSON.stringify(row.token_id),
        JSON.stringify(row.name),
        revoked_at ?? null,
        JSON.stringify(token),
      )
    },

    listTokens(): TokenRow[] {
      return db.query("SELECT token, revoked_at FROM tokens ORDER BY added").all().map(readToken)
    },

    /** Returns the number of tokens revoked by this call. Doesn't change tokens that are already revoked. */
    revokeTokens({ nameOrId, at }: { nameOrId: string; at: string }): number {
      const wanted = JSON.stringify(nameOrId)
      const sql = "UPDATE tokens SET revoked_at = ? WHERE (token_id = ? OR name = ?) AND revoked_at IS NULL"
      return db.query(sql).run(at, wanted, wanted)
    },

    addSession(row: SessionRow): void {
      const sql = "INSERT INTO sessions (sha256, token_id, created_at, expires_at) VALUES (?, ?, ?, ?)"
      db.query(sql).run(row.sha256, row.token_id, row.created_at, row.expires_at)
    },

    findSession(sha256: string): SessionRow | undefined {
      const sql = "SELECT sha256, token_id, created_at, expires_at FROM sessions WHERE sha256 = ?"
      const row = db.query(sql).first(sha256)
      if (row === undefined) return undefined
      return {
        sha256: textAt(row, 0),
        token_id: textAt(row, 1),
        created_at: textAt(row, 2),
        expires_at: textAt(row, 3),
      }
    },

    endSession(sha256: string): void {
      db.query("DELETE FROM sessions WHERE sha256 = ?").run(sha256)
    },

    deleteExpiredSessions(now: string): void {
      db.query("DELETE FROM sessions WHERE expires_at <= ?").run(now)
    },
  }
}

function readToken(row: SqlRow): TokenRow {
  const token: TokenRow = JSON.parse(textAt(row, 0))
  return typeof row[1] === "string" ? { ...token, revoked_at: row[1] } : token
}
