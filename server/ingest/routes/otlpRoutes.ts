import type { OtelRecord } from "@/lib/dialects/otel/OtelRecord"
import { readSpan } from "@/lib/dialects/otel/readSpan"
import { senderOf } from "@/lib/dialects/otel/sender"
import { IngestError } from "@/server/ingest/IngestError"
import { MalformedOtlpError, TooManyRecordsError } from "@/server/ingest/otlp/limits"
import { toOtlpJson } from "@/server/ingest/otlp/otlpJson"
import { readJson } from "@/server/ingest/otlp/readJson"
import { readProtobuf } from "@/server/ingest/otlp/readProtobuf"
import { isProtobuf, sendOtlpError, sendOtlpSuccess } from "@/server/ingest/otlp/respond"
import { withRequestBody } from "@/server/ingest/readRequestBody"
import { allowedRecords, authorizeWriter } from "./authorize"
import type { IngestContext, IngestRoute } from "./IngestRoute"
import { noteArrival, noteRefusal, type RouteParts } from "./RouteParts"

/** The prefixes of the standard paths: none, and those that LangSmith's and Langfuse's exporters use. */
const PREFIXES = ["", "/otel", "/api/public/otel"]

const UNREADABLE = "Some records can't be read."
const NO_IDS = "Some spans have no trace id or span id."

type Signal = "traces" | "logs" | "metrics"

/** OTLP over HTTP: traces and logs become runs; metrics are accepted and ignored. */
export function otlpRoutes(parts: RouteParts): IngestRoute[] {
  return PREFIXES.flatMap((prefix) =>
    (["traces", "logs", "metrics"] as const).map((signal) => ({
      method: "POST" as const,
      path: `${prefix}/v1/${signal}`,
      isPublic: true as const,
      handle: (context: IngestContext) => handle(parts, signal, context),
    })),
  )
}

async function handle(parts: RouteParts, signal: Signal, context: IngestContext): Promise<void> {
  const { request, response, url } = context
  try {
    const partial = await ingestRequest(parts, signal, context)
    sendOtlpSuccess(request, response, signal, partial)
  } catch (error) {
    const known = asIngestError(error)
    if (known.status === 500) parts.logError(error)
    noteRefusal(parts, request, "otlp", known, url.pathname)
    sendOtlpError(request, response, known)
  }
}

async function ingestRequest(
  parts: RouteParts,
  signal: Signal,
  { request, auth, url }: IngestContext,
): Promise<{ refused: number; reason: string } | undefined> {
  const principal = authorizeWriter(auth)
  return withRequestBody(request, parts.service.settings, parts.bodies, async (body) => {
    const base = { dialect: "otlp", bytes: body.length }
    if (signal === "metrics") {
      noteArrival(parts, request, { ...base, records: 0, turns: 0, context: 0, refused: 0 }, url.pathname)
      return undefined
    }
    const { records, broken } = isProtobuf(request)
      ? readProtobuf(body, signal)
      : readJson(body.toString("utf8"), signal)
    const valid = records.filter(hasIds)
    const { allowed, ...forbidden } = allowedRecords(principal, valid, (record) => senderOf(record).agentId)
    const invalid = records.length - valid.length
    const refused = broken + invalid + forbidden.refused
    const reasons = [broken > 0 ? UNREADABLE : undefined, invalid > 0 ? NO_IDS : undefined, forbidden.reason]
    const reason = reasons.filter(Boolean).join(" ")
    let turns = 0
    if (allowed.length > 0)
      turns = (await parts.service.accept(principal, "otlp", toOtlpJson(allowed, parts.redactor))).turns
    const context = allowed.filter(isContext).length
    const counts = { records: records.length + broken, turns, context, refused }
    noteArrival(parts, request, { ...base, ...counts, ...(reason !== "" && { reason }) }, url.pathname)
    return refused === 0 ? undefined : { refused, reason }
  })
}

/** Returns false for spans without ids or with ids of zeros, which the standard forbids. Logs don't need ids. */
function hasIds(record: OtelRecord): boolean {
  return record.type === "log" || !(isEmptyId(record.traceId) || isEmptyId(record.spanId))
}

function isEmptyId(id: string): boolean {
  return /^0*$/.test(id)
}

function isContext(record: OtelRecord): boolean {
  return record.type === "span" && readSpan(record).step?.step.role === "context"
}

function asIngestError(error: unknown): IngestError {
  if (error instanceof IngestError) return error
  if (error instanceof TooManyRecordsError)
    return new IngestError(413, `${error.message}. Send smaller batches.`)
  if (error instanceof MalformedOtlpError)
    return new IngestError(400, `Not an OTLP request: ${error.message}.`)
  return new IngestError(500, "Internal server error.", 5)
}
