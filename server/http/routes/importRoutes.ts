import type { IncomingMessage } from "node:http"
import type { ErrorCode } from "@/lib/protocol/codes"
import { parseExact, stringifyExact } from "@/lib/protocol/exactNumbers"
import { LIMITS, type Limits } from "@/lib/protocol/limits"
import { checkShape } from "@/lib/protocol/shape"
import type { Route } from "@/server/http/Route"
import { readBody, sendError, sendJson } from "@/server/net/respond"
import type { RunRegistry } from "@/server/registry/RunRegistry"

/**
 * The maximum size of a JSON document, which is read into memory as a whole. JSON Lines are read line by line and may
 * have any size.
 */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
/** The maximum depth of a document: that of a record, plus the levels of the document itself and its list. */
const MAX_DOCUMENT_DEPTH = LIMITS.jsonDepth + 2
/** A one-byte character may take six bytes in JSON, if it is escaped. */
const LINE_BYTES_PER_TURN_BYTE = 6
const LINE_MARGIN_BYTES = 1024 * 1024

const STATUS_OF: Partial<Record<ErrorCode, number>> = { forbidden: 403, too_large: 413, unavailable: 503 }

/** Thrown while reading a body that isn't a valid export. */
class BodyError extends Error {
  override readonly name = "BodyError"
}

/** `POST /api/import`: imports an exported run, as JSON Lines or as one JSON document. */
export function importRoutes({ registry, limits }: { registry: RunRegistry; limits: Limits }): Route[] {
  return [
    {
      method: "POST",
      path: "/api/import",
      async handle({ principal, request, response }) {
        // Checked before the body is read, so that only writers can make the server hold a document in memory.
        if (principal.write.length === 0)
          return sendError(response, 403, "forbidden", "This token can't write runs. Use an agent's token.")
        const isDocument = /^application\/json\b/.test(request.headers["content-type"] ?? "")
        const maxLineBytes = limits.maxTurnBytes * LINE_BYTES_PER_TURN_BYTE + LINE_MARGIN_BYTES
        try {
          const records = isDocument ? await recordsOf(request) : linesOf(request, maxLineBytes)
          const reply = await registry.importRun(principal, records)
          if (reply.ok) {
            const { run_id, agent_id, turns } = reply
            return sendJson(response, 201, { run_id, agent_id, turns })
          }
          const { code, message } = reply.error
          sendError(response, STATUS_OF[code] ?? 400, code, message)
        } catch (error) {
          if (!(error instanceof BodyError)) throw error
          sendError(response, 400, "invalid_params", error.message)
        }
      },
    },
  ]
}

/** Returns the lines of a body, without empty ones. */
async function* linesOf(request: IncomingMessage, maxLineBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = []
  let bytes = 0
  const take = () => {
    const line = Buffer.concat(parts).toString("utf8").trim()
    parts = []
    bytes = 0
    return line
  }
  for await (const chunk of request as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end))
      from = end + 1
      const line = take()
      if (line !== "") yield line
    }
    parts.push(chunk.subarray(from))
    bytes += chunk.length - from
    if (bytes > maxLineBytes) throw new BodyError("A line is too long for a record.")
  }
  const last = take()
  if (last !== "") yield last
}

/** Returns the records of an export in the form of one JSON document. */
async function recordsOf(request: IncomingMessage): Promise<string[]> {
  const text = await readBody(request, MAX_DOCUMENT_BYTES)
  if (text === undefined) throw new BodyError("The document is too large; import it as JSON Lines.")
  let document: unknown
  try {
    document = parseExact(text)
  } catch {
    throw new BodyError("The body isn't valid JSON.")
  }
  if (checkShape(document, MAX_DOCUMENT_DEPTH, Number.POSITIVE_INFINITY) !== undefined)
    throw new BodyError("The document is nested too deeply.")
  const records: unknown =
    typeof document === "object" && document !== null ? Reflect.get(document, "records") : undefined
  if (!Array.isArray(records)) throw new BodyError("The document has no list of records.")
  return records.map(stringifyExact)
}
