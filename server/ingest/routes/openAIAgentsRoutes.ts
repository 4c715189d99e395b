import { asObject, asText } from "@/lib/dialects/json"
import { openAIAgentsAgentId } from "@/lib/dialects/openaiAgents/openaiAgentsDialect"
import type { Json } from "@/lib/protocol/fields"
import { IngestError } from "@/server/ingest/IngestError"
import { parseBody } from "@/server/ingest/parseBody"
import { withRequestBody } from "@/server/ingest/readRequestBody"
import { sendJson } from "@/server/net/respond"
import type { Redactor } from "@/server/redact/Redactor"
import { allowedRecords, authorizeWriter } from "./authorize"
import type { IngestContext, IngestRoute } from "./IngestRoute"
import { sendRefusal } from "./langSmithRoutes"
import { noteArrival, noteRefusal, type RouteParts } from "./RouteParts"

const MAX_ITEMS = 50_000

/** The endpoint of OpenAI Agents' own trace exporter, `POST …/v1/traces/ingest`. */
export function openAIAgentsRoutes(parts: RouteParts): IngestRoute[] {
  return [
    {
      method: "POST",
      path: "/v1/traces/ingest",
      isPublic: true,
      handle: (context) => handle(parts, context),
    },
  ]
}

async function handle(parts: RouteParts, context: IngestContext): Promise<void> {
  const { request, response, url } = context
  try {
    sendJson(response, 200, (await ingestRequest(parts, context)) ?? {})
  } catch (error) {
    const known = error instanceof IngestError ? error : new IngestError(500, "Internal server error.", 5)
    if (known.status === 500) parts.logError(error)
    noteRefusal(parts, request, "openai-agents", known, url.pathname)
    sendRefusal(response, known)
  }
}

/** Ingests the objects of a request. If any were refused, returns how many and why. */
async function ingestRequest(
  parts: RouteParts,
  { request, auth, url }: IngestContext,
): Promise<{ refused: number; detail: string } | undefined> {
  const principal = authorizeWriter(auth)
  return withRequestBody(request, parts.service.settings, parts.bodies, async (body) => {
    const items = readItems(body)
    let problem: string | undefined
    const valid = items.filter((item) => {
      const found = problemOf(item)
      problem ??= found
      return found === undefined
    })
    if (valid.length === 0 && problem !== undefined) throw new IngestError(400, problem)
    const { allowed, ...forbidden } = allowedRecords(principal, valid, (item) => {
      const trace = asObject(item)
      return trace?.object === "trace"
        ? openAIAgentsAgentId(asText(trace.workflow_name) ?? "Agent workflow")
        : undefined
    })
    const refused = items.length - valid.length + forbidden.refused
    const detail = [problem, forbidden.reason].filter(Boolean).join(" ")
    const cleaned = allowed.map((item) => withoutSecrets(item, parts.redactor))
    const { turns } =
      cleaned.length === 0 ? { turns: 0 } : await parts.service.accept(principal, "openai-agents", cleaned)
    const arrival = {
      dialect: "openai-agents",
      bytes: body.length,
      records: items.length,
      turns,
      context: 0,
      refused,
      ...(detail !== "" && { reason: detail }),
    }
    noteArrival(parts, request, arrival, url.pathname)
    return refused === 0 ? undefined : { refused, detail }
  })
}

/** Returns why an object can't be read. Objects of kinds that this version doesn't know are valid, but ignored. */
function problemOf(item: Json): string | undefined {
  const object = asObject(item)
  if (object === undefined) return "An item isn't an object."
  if (object.object !== "trace" && object.object !== "trace.span") return undefined
  if (asText(object.id) === undefined) return `A ${object.object} has no id.`
  if (object.object === "trace") return undefined
  if (asText(object.trace_id) === undefined) return "A trace.span has no trace_id."
  return asObject(object.span_data) === undefined ? "A trace.span has no span_data." : undefined
}

function readItems(body: Buffer): readonly Json[] {
  let value: Json
  try {
    value = parseBody(body.toString("utf8"))
  } catch {
    throw new IngestError(400, "The body isn't valid JSON.")
  }
  const items = Array.isArray(value) ? value : asObject(value)?.data
  if (!Array.isArray(items)) throw new IngestError(400, "The body must be { data: [...] }.")
  if (items.length > MAX_ITEMS) throw new IngestError(413, `More than ${MAX_ITEMS} items in one request.`)
  return items
}

/** Fields with ids and times, which don't contain secrets. */
const PLAIN = new Set(["object", "id", "trace_id", "parent_id", "group_id", "started_at", "ended_at"])

function withoutSecrets(item: Json, redactor: Redactor | undefined): Json {
  const object = asObject(item)
  if (object === undefined || redactor === undefined) return item
  const fields = Object.entries(object).map(([name, value]) => [
    name,
    PLAIN.has(name) ? value : redactor.value(value),
  ])
  return Object.fromEntries(fields) as Json
}
