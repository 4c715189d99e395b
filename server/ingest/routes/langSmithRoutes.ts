import type { ServerResponse } from "node:http"
import type { LangSmithRun } from "@/lib/dialects/langsmith/LangSmithRun"
import { langSmithAgentId } from "@/lib/dialects/langsmith/langSmithDialect"
import { IngestError } from "@/server/ingest/IngestError"
import { type ReadRuns, readBatch, readMultipart, readSingle } from "@/server/ingest/langsmith/readRunParts"
import { withRequestBody } from "@/server/ingest/readRequestBody"
import { sendJson } from "@/server/net/respond"
import type { Redactor } from "@/server/redact/Redactor"
import { allowedRecords, authorizeWriter } from "./authorize"
import type { IngestContext, IngestRoute } from "./IngestRoute"
import { noteArrival, noteRefusal, type RouteParts } from "./RouteParts"

/**
 * The server's capabilities, which clients request first. Zstandard isn't offered, because it would be unpacked on the
 * main thread.
 */
const INFO = {
  version: "0.13.0",
  batch_ingest_config: {
    use_multipart_endpoint: true,
    scale_up_qsize_trigger: 1_000,
    scale_up_nthreads_limit: 16,
    scale_down_nempty_trigger: 4,
    size_limit: 100,
    size_limit_bytes: 20_971_520,
  },
  instance_flags: { gzip_body_enabled: true, zstd_compression_enabled: false },
}

type Read = (body: Buffer, context: IngestContext) => ReadRuns | Promise<ReadRuns>

/** LangSmith's protocol, for clients whose `LANGSMITH_ENDPOINT` is this server. */
export function langSmithRoutes(parts: RouteParts): IngestRoute[] {
  const route = (method: "POST" | "PATCH", path: string, read: Read): IngestRoute => ({
    method,
    path,
    isPublic: true,
    isShared: true,
    handle: (context) => handle(parts, read, context),
  })
  return [
    {
      method: "GET",
      path: "/info",
      isPublic: true,
      isShared: true,
      handle: async ({ response }) => sendJson(response, 200, INFO),
    },
    route("POST", "/runs", (body) => readSingle(body, "post")),
    route("PATCH", "/runs/:runId", (body, { params }) => readSingle(body, "patch", params.runId)),
    route("POST", "/runs/batch", (body) => readBatch(body)),
    route("POST", "/runs/multipart", (body, { request }) =>
      readMultipart(body, request.headers["content-type"] ?? ""),
    ),
  ]
}

async function handle(parts: RouteParts, read: Read, context: IngestContext): Promise<void> {
  const { request, response, url } = context
  try {
    const partial = await ingestRequest(parts, read, context)
    // Some runs may have been refused. The response still isn't an error: clients would drop or resend all runs.
    sendJson(response, 202, { message: "Runs batch ingested", ...partial })
  } catch (error) {
    const known = error instanceof IngestError ? error : new IngestError(500, "Internal server error.", 5)
    if (known.status === 500) parts.logError(error)
    noteRefusal(parts, request, "langsmith", known, url.pathname)
    sendRefusal(response, known)
  }
}

/** Ingests the runs of a request. If anything couldn't be read, returns how many runs were refused, and why. */
async function ingestRequest(
  parts: RouteParts,
  read: Read,
  context: IngestContext,
): Promise<{ refused: number; detail: string } | undefined> {
  const { request, auth, url } = context
  const principal = authorizeWriter(auth)
  return withRequestBody(request, parts.service.settings, parts.bodies, async (body) => {
    const { runs, ...invalid } = await read(body, context)
    const { allowed, ...forbidden } = allowedRecords(principal, runs, (run) =>
      run.session_name === undefined ? undefined : langSmithAgentId(run),
    )
    const refused = invalid.refused + forbidden.refused
    const detail = [invalid.reason, forbidden.reason].filter(Boolean).join(" ")
    const cleaned = allowed.map((run) => withoutSecrets(run, parts.redactor))
    const { turns } =
      cleaned.length === 0 ? { turns: 0 } : await parts.service.accept(principal, "langsmith", cleaned)
    const arrival = {
      dialect: "langsmith",
      bytes: body.length,
      records: runs.length + invalid.refused,
      turns,
      context: 0,
      refused,
      ...(detail !== "" && { reason: detail }),
    }
    noteArrival(parts, request, arrival, url.pathname)
    return detail === "" ? undefined : { refused, detail }
  })
}

/** Fields with ids, times and constants, which don't contain secrets. */
const PLAIN = new Set([
  "id",
  "operation",
  "trace_id",
  "parent_run_id",
  "dotted_order",
  "start_time",
  "end_time",
  "run_type",
])

function withoutSecrets(run: LangSmithRun, redactor: Redactor | undefined): LangSmithRun {
  if (redactor === undefined) return run
  const { id, operation } = run
  const fields = Object.entries(run).map(([name, value]) => [
    name,
    PLAIN.has(name) ? value : redactor.value(value),
  ])
  return { ...Object.fromEntries(fields), id, operation }
}

export function sendRefusal(response: ServerResponse, error: IngestError): void {
  if (error.retryAfter !== undefined) response.setHeader("retry-after", error.retryAfter)
  if (error.status === 413) response.setHeader("connection", "close")
  sendJson(response, error.status, { error: error.message, detail: error.message })
}
