import type { IncomingMessage, ServerResponse } from "node:http"
import { type ErrorCode, wireError } from "@/lib/protocol/codes"

/** Answers with text and ends; nothing of it is kept by a cache. */
export function sendText(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.statusCode = status
  response.setHeader("cache-control", "no-store")
  response.setHeader("content-type", `${type}; charset=utf-8`)
  response.setHeader("content-length", Buffer.byteLength(text))
  response.end(response.req.method === "HEAD" ? undefined : text)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value), "application/json")
}

/** Answers with an error as the protocol words it. */
export function sendError(response: ServerResponse, status: number, code: ErrorCode, message?: string): void {
  sendJson(response, status, { error: wireError(code, message) })
}

/** Answers that an address asks too much, and when it may again. */
export function sendTooMany(response: ServerResponse, waitMs: number): void {
  response.setHeader("retry-after", Math.ceil(waitMs / 1000))
  sendText(response, 429, "Too many requests from your address; wait a moment.")
}

/** Sends a browser on to a path of this server by GET. */
export function redirect(response: ServerResponse, path: string): void {
  response.setHeader("location", path)
  sendText(response, 303, "")
}

/** A path of this server that may be redirected to; undefined for anything that a browser could read as another host. */
export function localPath(text: string | null | undefined): string | undefined {
  return text && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) ? text : undefined
}

/** Reads a request's body; undefined when it is longer than `maxBytes` or breaks off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString("utf8")
}
