import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"

/** Request headers that steer Next from within; no client has a use for them. */
const INNER_HEADERS = /^(x-middleware-|x-invoke-|x-matched-path$|x-now-|next-action$|next-resume$)/

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Takes what a client could steer Next with off a request. */
export function dropInnerHeaders(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) if (INNER_HEADERS.test(name)) delete request.headers[name]
}

/** Puts the headers on a response that every one of them has; its content may do nothing at all in a browser. */
export function setSecurityHeaders(response: ServerResponse, overTls: boolean): void {
  response.setHeader("content-security-policy", NOTHING)
  response.setHeader("x-content-type-options", "nosniff")
  response.setHeader("referrer-policy", "no-referrer")
  response.setHeader("cross-origin-opener-policy", "same-origin")
  response.setHeader("cross-origin-resource-policy", "same-origin")
  response.setHeader("x-frame-options", "DENY")
  response.setHeader(
    "permissions-policy",
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)",
  )
  if (overTls) response.setHeader("strict-transport-security", "max-age=31536000")
}

/**
 * Lets a page run the scripts that Next puts a nonce on, and no others. Next reads the nonce off the request's own
 * header. `host` has passed the host check.
 */
export function setPagePolicy(request: IncomingMessage, response: ServerResponse, dev: boolean): void {
  const nonce = randomBytes(16).toString("base64")
  const policy = dev ? developmentPolicy() : productionPolicy(nonce, request.headers.host ?? "")
  request.headers["content-security-policy"] = policy
  response.setHeader("content-security-policy", policy)
}

function productionPolicy(nonce: string, host: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    // Positions and sizes of bars and rows are style attributes; they can run nothing.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ")
}

/** Next's development runtime evaluates code and injects styles; it is never what a reader of traces is given. */
function developmentPolicy(): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "manifest-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ")
}
