import { AGENT_PATTERN, TOKEN_NAME } from "@/lib/protocol/access"

/** A token to be made, as the server takes it. */
export type TokenRequest = { name: string; write: string[]; expires_at?: string }
export type Minted = { name: string; token: string; token_id: string }

const DAY_MS = 86_400_000

/** Reads the form's fields `name`, `write` (patterns between commas or blanks) and `days`; on trouble a sentence. */
export function readTokenRequest(form: FormData, nowMs: number): TokenRequest | { problem: string } {
  const text = (field: string) => {
    const value = form.get(field)
    return typeof value === "string" ? value.trim() : ""
  }
  const name = text("name")
  if (!TOKEN_NAME.test(name)) return { problem: "A name is 1 to 128 letters, digits, blanks or . _ : / @ -" }
  const write = text("write")
    .split(/[\s,]+/)
    .filter(Boolean)
  if (write.length === 0 || !write.every((pattern) => AGENT_PATTERN.test(pattern)))
    return { problem: "A token writes as agents: ids such as ci/lint, or ci/* for all that begin so." }
  const days = Number(text("days"))
  const expires = days > 0 ? { expires_at: new Date(nowMs + days * DAY_MS).toISOString() } : {}
  return { name, write, ...expires }
}

/** Has the server make it; on trouble a sentence. The token is in no other place than the answer. */
export async function mintToken(wish: TokenRequest): Promise<Minted | { problem: string }> {
  try {
    const answer = await fetch("/api/tokens", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(wish),
      cache: "no-store",
    })
    const body: unknown = await answer.json()
    if (isMinted(body)) return { ...body, name: wish.name }
    return { problem: `No token was made: ${problemOf(body)}` }
  } catch {
    return { problem: "No token was made: the server did not answer." }
  }
}

function isMinted(body: unknown): body is { token: string; token_id: string } {
  return typeof body === "object" && body !== null && "token" in body && "token_id" in body
}

function problemOf(body: unknown): string {
  if (typeof body !== "object" || body === null || !("error" in body)) return "the server refused."
  const { error } = body
  if (typeof error !== "object" || error === null || !("message" in error)) return "the server refused."
  return String(error.message)
}
