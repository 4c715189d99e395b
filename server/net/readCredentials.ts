import type { IncomingHttpHeaders } from "node:http"

const BEARER = /^bearer +(\S+) *$/i

/** The session cookie of a server on a port: cookies ignore ports, so that its name holds it. */
export function sessionCookieName(port: number): string {
  return `turnline_session_${port}`
}

/** The token or session that came with a request. */
export function readCredentials(
  headers: IncomingHttpHeaders,
  cookieName: string,
): { token?: string; cookie?: string } {
  const token = BEARER.exec(headers.authorization ?? "")?.[1]
  const cookie = readCookie(headers.cookie, cookieName)
  return { ...(token !== undefined && { token }), ...(cookie !== undefined && { cookie }) }
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(";") ?? []) {
    const [key, value] = part.trim().split("=", 2)
    if (key === name && value) return value
  }
  return undefined
}

/** A `Set-Cookie` that signs in for `seconds`; 0 signs out. */
export function sessionCookie(name: string, value: string, seconds: number, overTls: boolean): string {
  const secure = overTls ? "; Secure" : ""
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}
