import type { IncomingMessage, ServerResponse } from "node:http"
import { z } from "zod"
import { AGENT_PATTERN, type Principal, TOKEN_NAME } from "@/lib/protocol/access"
import type { TokenCache } from "@/server/auth/TokenCache"
import { mintToken } from "@/server/auth/token"
import { readBody, sendError, sendJson } from "@/server/net/respond"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"

const MAX_BODY_BYTES = 8 * 1024
const patterns = z.array(z.string().regex(AGENT_PATTERN)).max(32)
const wanted = z.object({
  name: z.string().regex(TOKEN_NAME),
  write: patterns.default([]),
  read: z.union([z.literal("own"), patterns]).default("own"),
  expires_at: z.iso.datetime({ offset: true }).optional(),
})

type MintParts = { store: AccessStore; tokens: TokenCache; clock: Clock }

/**
 * Makes a token for an agent, for whoever may mint: `{ name, write?, read?, expires_at? }` → 201 `{ token, token_id }`.
 * Resolves with what was made, if anything. It never reads everything, controls nothing, and makes no tokens in turn.
 */
export async function mintByPage(
  { store, tokens, clock }: MintParts,
  principal: Principal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<TokenRow | undefined> {
  if (!principal.mint) return refuse(response, 403, "forbidden")
  // No form can send this type, so that no other site's form gets this far.
  if (!request.headers["content-type"]?.startsWith("application/json"))
    return refuse(response, 415, "invalid_params", "The body is to be application/json.")
  const parsed = wanted.safeParse(readJson(await readBody(request, MAX_BODY_BYTES)))
  if (!parsed.success) return refuse(response, 400, "invalid_params")
  const { expires_at, ...grant } = parsed.data
  const expires = expires_at === undefined ? {} : { expires_at: isoTime(Date.parse(expires_at)) }
  const { token, row } = mintToken(
    { ...grant, ...expires, control: false, mint: false },
    isoTime(clock.now()),
  )
  await store.addToken(row)
  tokens.add(row)
  sendJson(response, 201, { token, token_id: row.token_id })
  return row
}

function refuse(...refusal: Parameters<typeof sendError>): undefined {
  sendError(...refusal)
}

function readJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "")
  } catch {
    return undefined
  }
}
