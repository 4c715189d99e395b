import type { IncomingHttpHeaders } from "node:http"
import { parseCookie, stringifySetCookie } from "cookie"

/** The credentials of a request: an access token or a session cookie. */
export type Credentials = { token?: string; cookie?: string }

/**
 * Returns the name of the session cookie. It contains the port, because browsers send cookies to every port of a host,
 * and the base path, because they also send a cookie to all paths below its own.
 */
export function sessionCookieName(port: number, basePath: string): string {
  return `turnline_session_${port}${basePath.replaceAll("/", "_")}`
}

/**
 * Reads credentials from `Authorization: Bearer <token>`, `Authorization: Basic` (the token is the password),
 * `x-api-key: <token>` or the session cookie. A token takes precedence over the cookie.
 */
export function readCredentials(headers: IncomingHttpHeaders, cookieName: string): Credentials {
  const token = bearerToken(headers.authorization) ?? basicPassword(headers.authorization) ?? apiKey(headers)
  const cookie = parseCookie(headers.cookie ?? "")[cookieName]
  return { ...(token !== undefined && { token }), ...(cookie && { cookie }) }
}

type SessionCookieOptions = {
  name: string
  value: string
  /** `0` deletes the cookie. */
  seconds: number
  overTls: boolean
  basePath: string
}

/** Builds a `Set-Cookie` value. */
export function sessionCookie({ name, value, seconds, overTls, basePath }: SessionCookieOptions): string {
  return stringifySetCookie({
    name,
    value,
    path: basePath || "/",
    maxAge: seconds,
    httpOnly: true,
    // The cookie is lax instead of strict, so that someone who follows a link from another site is signed in. For
    // requests that change something, the origin is checked, too.
    sameSite: "lax",
    secure: overTls,
  })
}

function bearerToken(authorization = ""): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1]
}

function basicPassword(authorization = ""): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization)?.[1]
  const decoded = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8")
  return decoded.slice(decoded.indexOf(":") + 1) || undefined
}

function apiKey(headers: IncomingHttpHeaders): string | undefined {
  return String(headers["x-api-key"] ?? "").trim() || undefined
}
