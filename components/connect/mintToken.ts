import { pagePath } from "@/lib/live/pagePath"
import { AGENT_PATTERN, TOKEN_NAME } from "@/lib/protocol/access"
import { strings } from "./strings"

/** The body of `POST /api/tokens`. */
export type TokenRequest = { name: string; write: string[]; expires_at?: string }
export type MintedToken = { name: string; token: string; token_id: string }

const DAY_MS = 86_400_000
const ERRORS = strings.token.errors

/** Validates the form's fields `name`, `write` (patterns separated by commas or spaces) and `days`. */
export function readTokenRequest(form: FormData, nowMs: number): TokenRequest | { error: string } {
  const text = (field: string) => {
    const value = form.get(field)
    return typeof value === "string" ? value.trim() : ""
  }
  const name = text("name")
  if (!TOKEN_NAME.test(name)) return { error: ERRORS.name }
  const write = text("write")
    .split(/[\s,]+/)
    .filter(Boolean)
  if (write.length === 0 || !write.every((pattern) => AGENT_PATTERN.test(pattern)))
    return { error: ERRORS.write }
  const days = Number(text("days"))
  const expires = days > 0 ? { expires_at: new Date(nowMs + days * DAY_MS).toISOString() } : {}
  return { name, write, ...expires }
}

/** Asks the server for a token. The reply is the only place where the token exists in plain text. */
export async function mintToken(request: TokenRequest): Promise<MintedToken | { error: string }> {
  try {
    const response = await fetch(pagePath("/api/tokens"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      cache: "no-store",
    })
    const body: unknown = await response.json()
    if (isMinted(body)) return { ...body, name: request.name }
    return { error: ERRORS.refused(errorMessage(body)) }
  } catch {
    return { error: ERRORS.refused(ERRORS.noReply) }
  }
}

function isMinted(body: unknown): body is { token: string; token_id: string } {
  return typeof body === "object" && body !== null && "token" in body && "token_id" in body
}

function errorMessage(body: unknown): string {
  if (typeof body !== "object" || body === null || !("error" in body)) return ERRORS.noReason
  const { error } = body
  if (typeof error !== "object" || error === null || !("message" in error)) return ERRORS.noReason
  return String(error.message)
}
