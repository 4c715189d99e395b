import type { IncomingHttpHeaders } from "node:http"
import { type Config, isLoopback } from "@/server/platform/Config"

export type HostCheckResult = "ok" | "host" | "origin"
type HostSettings = Pick<Config, "host" | "publicUrl" | "allowedHosts" | "allowedOrigins">

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"])
const UNSPECIFIED = new Set(["0.0.0.0", "[::]"])
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/

/**
 * Creates a check against DNS rebinding and cross-origin use: the `Host` header must name this server, and a request
 * from a page must come from this server's own pages or from an allowed origin.
 */
export function createHostCheck(settings: HostSettings): (headers: IncomingHttpHeaders) => HostCheckResult {
  const ownName = withBrackets(settings.host.toLowerCase())
  // A server that listens on every address can also be reached on loopback. With a public URL, clients aren't expected
  // to use loopback.
  const onLoopback =
    isLoopback(settings.host) || (UNSPECIFIED.has(ownName) && settings.publicUrl === undefined)
  const publicUrl = settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl)
  const origins = new Set([...(publicUrl ? [publicUrl.origin] : []), ...settings.allowedOrigins])

  function isOwnName(host: string, name: string): boolean {
    // Attackers can't control where a loopback name points, so any port is accepted: it may be a tunnel to this server.
    if (onLoopback && LOOPBACK_NAMES.has(name)) return true
    if (name === ownName && !UNSPECIFIED.has(name)) return true
    if (host === publicUrl?.host) return true
    return settings.allowedHosts.includes(host) || settings.allowedHosts.includes(name)
  }

  return ({ host: rawHost, origin }) => {
    const host = rawHost?.toLowerCase() ?? ""
    const name = HOST.exec(host)?.[1]
    if (name === undefined || !isOwnName(host, name)) return "host"
    if (origin === undefined || origins.has(origin)) return "ok"
    const own = settings.publicUrl === undefined || (onLoopback && LOOPBACK_NAMES.has(name))
    return own && origin === `http://${host}` ? "ok" : "origin"
  }
}

function withBrackets(host: string): string {
  return host.includes(":") ? `[${host}]` : host
}
