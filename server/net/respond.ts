import type { IncomingMessage, ServerResponse } from "node:http"
import getRawBody from "raw-body"
import { type ErrorCode, wireError } from "@/lib/protocol/codes"
import { stringifyExact } from "@/lib/protocol/exactNumbers"

/** Sends text that no cache may store. */
export function sendText(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.statusCode = status
  response.setHeader("cache-control", "no-store")
  response.setHeader("content-type", `${type}; charset=utf-8`)
  response.setHeader("content-length", Buffer.byteLength(text))
  response.end(response.req.method === "HEAD" ? undefined : text)
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, stringifyExact(value), "application/json")
}

/** Sends `{ error: { code, message } }`. */
export function sendError(response: ServerResponse, status: number, code: ErrorCode, message?: string): void {
  sendJson(response, status, { error: wireError(code, message) })
}

/** Sends 429 as text, with `Retry-After` in seconds. */
export function sendTooManyRequests(response: ServerResponse, waitMs: number): void {
  response.setHeader("retry-after", Math.ceil(waitMs / 1000))
  sendText(response, 429, "Too many requests from this address. Try again later.")
}

/** Sends 429 as a JSON error, with `Retry-After` in seconds. */
export function sendRateLimited(response: ServerResponse, waitMs: number): void {
  response.setHeader("retry-after", Math.ceil(waitMs / 1000))
  const error = {
    ...wireError("rate_limited", "Too many requests. Try again later."),
    retry_after_ms: waitMs,
  }
  sendJson(response, 429, { error })
}

/** Redirects a browser to a path on this server, always with GET. */
export function redirect(response: ServerResponse, path: string): void {
  response.setHeader("location", path)
  sendText(response, 303, "")
}

/** Returns a path that is safe to redirect to, or undefined if a browser could read it as another host. */
export function localPath(text: string | null | undefined): string | undefined {
  return text && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) ? text : undefined
}

/** Reads a request body as UTF-8. Returns undefined if it exceeds `maxBytes` or the client disconnects. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  try {
    return await getRawBody(request, { limit: maxBytes, encoding: "utf8" })
  } catch {
    return undefined
  }
}
