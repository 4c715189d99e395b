import { claudeCodeHooksAgentId, isHookEvent } from "@/lib/dialects/claudeCodeHooks/claudeCodeHooksDialect"
import { asObject } from "@/lib/dialects/json"
import { limitDepth } from "@/lib/dialects/limitDepth"
import type { Principal } from "@/lib/protocol/access"
import type { Json } from "@/lib/protocol/fields"
import { SESSION_OPTIONS } from "@/server/ingest/ForeignDialect"
import { IngestError } from "@/server/ingest/IngestError"
import { withoutMark } from "@/server/ingest/parseBody"
import { withRequestBody } from "@/server/ingest/readRequestBody"
import { sendJson } from "@/server/net/respond"
import { isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import { allowedRecords, authorizeWriter } from "./authorize"
import type { IngestContext, IngestRoute } from "./IngestRoute"
import { sendRefusal } from "./langSmithRoutes"
import { noteArrival, noteRefusal, type RouteParts } from "./RouteParts"

const DIALECT = "claude-code-hooks"
/** The response waits at most this long until the event is durable, because a hook blocks the agent. */
const MAX_WAIT_MS = 3

/** Claude Code's HTTP hooks. Authorized senders always get `{}`, because the response must not influence the agent. */
export function claudeCodeHooksRoutes(parts: RouteParts): IngestRoute[] {
  return [
    {
      method: "POST",
      path: "/ingest/claude-code/hooks",
      isPublic: true,
      handle: (context) => handle(parts, context),
    },
  ]
}

async function handle(parts: RouteParts, context: IngestContext): Promise<void> {
  const { request, response, auth } = context
  try {
    const principal = authorizeWriter(auth)
    await withRequestBody(request, parts.service.settings, parts.bodies, async (body) => {
      const event = readEvent(body)
      allowedRecords(principal, [event], (each) => claudeCodeHooksAgentId(each, SESSION_OPTIONS))
      await atMost(MAX_WAIT_MS, ingestRequest(parts, context, { principal, event, bytes: body.length }))
    })
  } catch (error) {
    const known = error instanceof IngestError ? error : new IngestError(500, "Internal server error.")
    noteFailure(parts, context, error)
    if (known.status === 401 || known.status === 403) return sendRefusal(response, known)
  }
  sendJson(response, 200, {})
}

async function ingestRequest(
  parts: RouteParts,
  context: IngestContext,
  { principal, event, bytes }: { principal: Principal; event: unknown; bytes: number },
): Promise<void> {
  try {
    const records = [{ event: withoutSecrets(event, parts.redactor), at: isoTime(parts.clock.now()) }]
    const { turns } = await parts.service.accept(principal, DIALECT, records)
    const arrival = { dialect: DIALECT, bytes, records: 1, turns, context: 0, refused: 0 }
    noteArrival(parts, context.request, arrival, context.url.pathname)
  } catch (error) {
    noteFailure(parts, context, error)
  }
}

function noteFailure(parts: RouteParts, { request, url }: IngestContext, error: unknown): void {
  const known = error instanceof IngestError ? error : new IngestError(500, "Internal server error.")
  if (known.status === 500) parts.logError(error)
  noteRefusal(parts, request, DIALECT, known, url.pathname)
}

function readEvent(body: Buffer): unknown {
  let event: Json
  try {
    event = limitDepth(JSON.parse(withoutMark(body.toString("utf8"))) as Json)
  } catch {
    throw new IngestError(400, "The body isn't valid JSON.")
  }
  if (!isHookEvent(event)) throw new IngestError(400, "The body isn't a hook event.")
  return event
}

/** Fields with ids and event names, which don't contain secrets. */
const PLAIN = new Set(["session_id", "hook_event_name", "tool_use_id", "agent_id", "message_id"])

function withoutSecrets(event: unknown, redactor: Redactor | undefined): unknown {
  const fields = asObject(event)
  if (fields === undefined || redactor === undefined) return event
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, PLAIN.has(name) ? value : redactor.value(value)]),
  )
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
