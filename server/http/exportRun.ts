import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { Principal } from "@/lib/protocol/access"
import { LIMITS } from "@/lib/protocol/limits"
import { sendError } from "@/server/net/respond"
import type { RunQueries } from "@/server/registry/RunQueries"

const TYPES = { jsonl: "application/x-ndjson", json: "application/json" } as const
type Format = keyof typeof TYPES
export type ExportSource = Pick<RunQueries, "get" | "exportRecords">

/** The run that an export's path names; undefined when it is no such path. */
export function exportedRun(pathname: string): string | undefined {
  const part = /^\/api\/runs\/([^/]+)\/export$/.exec(pathname)?.[1]
  if (part === undefined) return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Streams a run's whole trace, as fast as the client takes it. Unknown runs and those of others get one answer. */
export async function exportRun(
  reader: ExportSource,
  principal: Principal,
  run_id: string,
  format: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (format !== "jsonl" && format !== "json")
    return sendError(response, 400, "invalid_params", "format is jsonl or json.")
  const fits = run_id.length >= 1 && run_id.length <= LIMITS.runIdChars
  const run = fits ? await reader.get(principal, run_id) : undefined
  const records = run && (await reader.exportRecords(principal, run_id))
  if (run === undefined || records === undefined) return sendError(response, 404, "not_found")
  response.statusCode = 200
  response.setHeader("cache-control", "no-store")
  response.setHeader("content-type", `${TYPES[format]}; charset=utf-8`)
  response.setHeader("content-disposition", `attachment; filename="${fileName(run_id, format)}"`)
  if (request.method === "HEAD") {
    response.end()
    return
  }
  const texts = format === "jsonl" ? asLines(records) : asDocument(JSON.stringify(run), records)
  // A client that goes away ends the reading of the log too.
  await pipeline(Readable.from(texts, { objectMode: true, highWaterMark: 4 }), response)
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

function fileName(run_id: string, format: Format): string {
  return `turnline-${run_id.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64)}.${format}`
}
