import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { Principal } from "@/lib/protocol/access"
import type { TokenRow } from "@/server/store/AccessStore"

const TOKEN = /^tl_([0-9a-z]{8,32})_[A-Za-z0-9_-]{43,128}$/

/** The rights of a new token. */
export type TokenGrant = Omit<TokenRow, "token_id" | "sha256" | "created_at" | "revoked_at">

/** Creates a token (`tl_<id>_<256 random bits>`) and the row to store. The token itself isn't stored anywhere. */
export function mintToken(grant: TokenGrant, createdAt: string): { token: string; row: TokenRow } {
  const token_id = randomBytes(8).toString("hex")
  const token = `tl_${token_id}_${randomBytes(32).toString("base64url")}`
  return { token, row: { ...grant, token_id, sha256: sha256(token), created_at: createdAt } }
}

/** Returns the id in a token, or undefined if it isn't a Turnline token. */
export function tokenIdOf(token: string): string | undefined {
  return TOKEN.exec(token)?.[1]
}

/**
 * Returns the SHA-256 hash in lower-case hex. The secrets have 256 random bits, so a slow hash wouldn't make them
 * safer.
 */
export function sha256(secret: string): string {
  return createHash("sha256").update(secret).digest("hex")
}

/** Returns true if a token belongs to a row. Compares in constant time. */
export function isTokenOf(row: TokenRow, token: string): boolean {
  const stored = Buffer.from(row.sha256, "hex")
  const given = createHash("sha256").update(token).digest()
  return stored.length === given.length && timingSafeEqual(stored, given)
}

/** Returns true if a token is valid at `now` (ms since the epoch). */
export function isValidAt(row: TokenRow, now: number): boolean {
  return row.revoked_at === undefined && (row.expires_at === undefined || Date.parse(row.expires_at) > now)
}

/** Returns what a token allows. */
export function principalOf(row: TokenRow): Principal {
  return {
    token_id: row.token_id,
    name: row.name,
    write: row.write,
    read: row.read,
    control: row.control,
    mint: row.mint,
    ...(row.expires_at !== undefined && { expires_at: row.expires_at }),
  }
}

/** The principal of every client if `TURNLINE_AUTH` is `none`. */
export const ANONYMOUS: Principal = Object.freeze({
  token_id: "none",
  name: "everybody",
  write: Object.freeze(["*"]),
  read: "all",
  control: true,
  mint: false,
})
