import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { Principal } from "@/lib/protocol/access"
import type { TokenRow } from "@/server/store/AccessStore"

const TOKEN = /^tl_([0-9a-z]{8,32})_[A-Za-z0-9_-]{43,128}$/

/** What a token is to allow. */
export type TokenGrant = Omit<TokenRow, "token_id" | "sha256" | "created_at" | "revoked_at">

/** Makes a token (`tl_<id>_<256 random bits>`) and the row to keep of it. The token itself is nowhere else. */
export function mintToken(grant: TokenGrant, createdAt: string): { token: string; row: TokenRow } {
  const token_id = randomBytes(8).toString("hex")
  const token = `tl_${token_id}_${randomBytes(32).toString("base64url")}`
  return { token, row: { ...grant, token_id, sha256: sha256(token), created_at: createdAt } }
}

/** The id within a token; undefined when it cannot be one of ours. */
export function tokenIdOf(token: string): string | undefined {
  return TOKEN.exec(token)?.[1]
}

/** SHA-256 in lower-case hex. The secrets hashed have 256 random bits, so that a slow hash would add nothing. */
export function sha256(secret: string): string {
  return createHash("sha256").update(secret).digest("hex")
}

/** Whether a token is the one that a row was kept of; takes the same time wherever they differ. */
export function isTokenOf(row: TokenRow, token: string): boolean {
  const kept = Buffer.from(row.sha256, "hex")
  const given = createHash("sha256").update(token).digest()
  return kept.length === given.length && timingSafeEqual(kept, given)
}

/** Whether a token is good at a time (ms since the epoch). */
export function isValidAt(row: TokenRow, now: number): boolean {
  return row.revoked_at === undefined && (row.expires_at === undefined || Date.parse(row.expires_at) > now)
}

/** What a token lets its bearer do. */
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

/** What everybody may do where `TURNLINE_AUTH` is `none`. */
export const ANONYMOUS: Principal = Object.freeze({
  token_id: "none",
  name: "everybody",
  write: Object.freeze(["*"]),
  read: "all",
  control: true,
  mint: false,
})
