import type { IncomingMessage, ServerResponse } from "node:http"
import { z } from "zod"
import { AGENT_PATTERN, coversPattern, type Principal, readPatterns, TOKEN_NAME } from "@/lib/protocol/access"
import type { TokenCache } from "@/server/auth/TokenCache"
import { mintToken } from "@/server/auth/token"
import { readBody, sendError, sendJson } from "@/server/net/respond"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"

const MAX_BODY_BYTES = 8 * 1024

const patterns = z.array(z.string().regex(AGENT_PATTERN)).max(32)
const tokenRequest = z.object({
  name: z.string().regex(TOKEN_NAME),
  write: patterns.default([]),
  read: z.union([z.literal("own"), patterns]).default("own"),
  expires_at: z.iso.datetime({ offset: true }).optional(),
})

type TokenServices = { store: AccessStore; tokens: TokenCache; clock: Clock }

/**
 * `POST /api/tokens` with `{ name, write?, read?, expires_at? }`: creates an agent's token and responds with 201 and `{
 * token, token_id }`. The token can't read all runs or more than its creator, and can't control runs or create tokens.
 *
 * @returns the stored row, or undefined if the request was refused.
 */
export async function createTokenFromPage(
  { store, tokens, clock }: TokenServices,
  principal: Principal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<TokenRow | undefined> {
  if (!principal.mint) return refuse(response, 403, "forbidden", "This token may not create tokens.")
  // HTML forms can't send this type, so forms on other sites are refused.
  if (!request.headers["content-type"]?.startsWith("application/json"))
    return refuse(response, 415, "invalid_params", "Content-Type must be application/json.")
  const parsed = tokenRequest.safeParse(parseJson(await readBody(request, MAX_BODY_BYTES)))
  if (!parsed.success) return refuse(response, 400, "invalid_params", describeProblem(parsed.error))
  const { expires_at, ...grant } = parsed.data
  const wanted = readPatterns(grant)
  if (wanted.includes("*"))
    return refuse(
      response,
      403,
      "forbidden",
      "A token created here can't read every agent's runs. List agents, such as ci/*.",
    )
  const known = readPatterns(principal)
  const beyond = wanted.find((pattern) => !coversPattern(known, pattern))
  if (beyond !== undefined)
    return refuse(response, 403, "forbidden", `Your own token can't read the runs of ${beyond}.`)
  const expires = expires_at === undefined ? {} : { expires_at: isoTime(Date.parse(expires_at)) }
  const createdAt = isoTime(clock.now())
  const { token, row } = mintToken({ ...grant, ...expires, control: false, mint: false }, createdAt)
  await store.addToken(row)
  tokens.add(row)
  sendJson(response, 201, { token, token_id: row.token_id })
  return row
}

function refuse(...error: Parameters<typeof sendError>): undefined {
  sendError(...error)
}

function describeProblem(error: z.ZodError): string {
  const issue = error.issues[0]
  return `${issue?.path.join(".") || "body"}: ${issue?.message}`
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "")
  } catch {
    return undefined
  }
}
