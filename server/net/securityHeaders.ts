import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"

/** Headers that Next uses internally. A client could use them to change Next's routing. */
const INNER_HEADERS = /^(x-middleware-|x-invoke-|x-matched-path$|x-now-|next-action$|next-resume$)/

const DENY_ALL = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Removes headers that only Next itself may set. */
export function stripInternalHeaders(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) if (INNER_HEADERS.test(name)) delete request.headers[name]
}

/** Sets the headers of every response. The policy allows nothing; pages replace it with their own. */
export function setSecurityHeaders(response: ServerResponse, overTls: boolean): void {
  response.setHeader("content-security-policy", DENY_ALL)
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

type PagePolicyOptions = {
  dev: boolean
  /** Origins whose pages may show this one in a frame. */
  frameAncestors: readonly string[]
}

/**
 * Allows a page to run only scripts with this request's nonce. Next reads the nonce from the policy header of the
 * request. The host has passed the host check, so it can be used in `connect-src`.
 */
export function setPagePolicy(
  request: IncomingMessage,
  response: ServerResponse,
  { dev, frameAncestors }: PagePolicyOptions,
): void {
  const nonce = randomBytes(16).toString("base64")
  const directives = dev ? developmentPolicy() : productionPolicy(nonce, request.headers.host ?? "")
  const ancestors = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(" ")
  const policy = [...directives, `frame-ancestors ${ancestors}`].join("; ")
  request.headers["content-security-policy"] = policy
  response.setHeader("content-security-policy", policy)
  // This older header can't allow specific origins.
  if (frameAncestors.length > 0) response.removeHeader("x-frame-options")
}

function productionPolicy(nonce: string, host: string): string[] {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    // Bars and rows are positioned with style attributes, which can't run code.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ]
}

/** Next's development runtime evaluates code and injects styles, so this policy is never used in production. */
function developmentPolicy(): string[] {
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
  ]
}
