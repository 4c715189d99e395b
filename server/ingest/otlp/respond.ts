import type { IncomingMessage, ServerResponse } from "node:http"
import { PbfWriter } from "pbf"
import type { IngestError } from "@/server/ingest/IngestError"
import { sendJson } from "@/server/net/respond"

/** Codes of google.rpc.Status, which OTLP uses in error responses, by HTTP status. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
}
const REJECTED_FIELD = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
} as const

export function isProtobuf(request: IncomingMessage): boolean {
  return /protobuf/i.test(request.headers["content-type"] ?? "")
}

/** Sends an `Export…ServiceResponse` in the encoding of the request. `partial`: what was refused. */
export function sendOtlpSuccess(
  request: IncomingMessage,
  response: ServerResponse,
  signal: keyof typeof REJECTED_FIELD,
  partial: { refused: number; reason: string } | undefined,
): void {
  if (!isProtobuf(request)) {
    const field = REJECTED_FIELD[signal]
    const body =
      partial === undefined
        ? {}
        : { partialSuccess: { [field]: String(partial.refused), errorMessage: partial.reason } }
    sendJson(response, 200, body)
    return
  }
  const writer = new PbfWriter()
  if (partial !== undefined)
    writer.writeMessage(
      1,
      (value, pbf) => {
        pbf.writeTag(1, 0)
        pbf.writeVarint(value.refused)
        pbf.writeTag(2, 2)
        pbf.writeString(value.reason)
      },
      partial,
    )
  sendProtobuf(response, 200, writer.finish())
}

/** Sends a google.rpc.Status in the encoding of the request. */
export function sendOtlpError(request: IncomingMessage, response: ServerResponse, error: IngestError): void {
  const code = RPC_CODES[error.status] ?? 13
  if (error.retryAfter !== undefined) response.setHeader("retry-after", error.retryAfter)
  if (error.status === 401) response.setHeader("www-authenticate", "Bearer")
  // The refused body may not have been read to its end, so the connection can't be reused.
  if (error.status === 413) response.setHeader("connection", "close")
  if (!isProtobuf(request)) {
    sendJson(response, error.status, { code, message: error.message })
    return
  }
  const writer = new PbfWriter()
  writer.writeTag(1, 0)
  writer.writeVarint(code)
  writer.writeTag(2, 2)
  writer.writeString(error.message)
  sendProtobuf(response, error.status, writer.finish())
}

function sendProtobuf(response: ServerResponse, status: number, body: Uint8Array): void {
  response.statusCode = status
  response.setHeader("cache-control", "no-store")
  response.setHeader("content-type", "application/x-protobuf")
  response.setHeader("content-length", body.length)
  response.end(body)
}
