import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { Principal } from "@/lib/protocol/access"
import { stringifyExact } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import { sendError } from "@/server/net/respond"
import type { RunQueries } from "@/server/registry/RunQueries"

const CONTENT_TYPES = { jsonl: "application/x-ndjson", json: "application/json" } as const
type Format = keyof typeof CONTENT_TYPES

/**
 * Streams a run's complete trace as fast as the client reads. Unknown runs and runs that the principal may not read get
 * the same 404.
 */
export async function exportRun(
  queries: Pick<RunQueries, "get" | "exportRecords">,
  principal: Principal,
  runId: string,
  format: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (format !== "jsonl" && format !== "json")
    return sendError(response, 400, "invalid_params", "format must be jsonl or json.")
  const isPossibleId = runId.length >= 1 && runId.length <= LIMITS.runIdChars
  const run = isPossibleId ? await queries.get(principal, runId) : undefined
  const records = run && (await queries.exportRecords(principal, runId))
  if (run === undefined || records === undefined) return sendError(response, 404, "not_found")
  response.statusCode = 200
  response.setHeader("cache-control", "no-store")
  response.setHeader("content-type", `${CONTENT_TYPES[format]}; charset=utf-8`)
  response.setHeader("content-disposition", `attachment; filename="${fileName(runId, format)}"`)
  if (request.method === "HEAD") {
    response.end()
    return
  }
  const chunks = format === "jsonl" ? asLines(records) : asDocument(stringifyExact(run), records)
  // When the client disconnects, the pipeline stops reading the log.
  await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 4 }), response)
}

async function* asLines(records: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const record of records) yield `${record}\n`
}

async function* asDocument(run: string, records: AsyncIterable<string>): AsyncGenerator<string> {
  yield `{"run":${run},"records":[`
  let separator = ""
  for await (const record of records) {
    yield `${separator}\n${record}`
    separator = ","
  }
  yield "\n]}\n"
}

function fileName(runId: string, format: Format): string {
  return `turnline-${runId.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64)}.${format}`
}
