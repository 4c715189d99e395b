import type { IncomingMessage } from "node:http"

/** Parses the request URL. Returns undefined if any part of it could be read as another host. */
export function requestUrl({ url = "" }: IncomingMessage): URL | undefined {
  if (!url.startsWith("/") || /^\/[/\\]/.test(url)) return undefined
  return URL.canParse(url, "http://turnline") ? new URL(url, "http://turnline") : undefined
}

/**
 * Removes the base path from the URL of a request. Other URLs are returned unchanged, because some proxies remove the
 * base path themselves, and because health checks don't go through a proxy.
 */
export function withoutBasePath(url: string, basePath: string): string {
  if (basePath === "" || !url.startsWith(basePath)) return url
  const rest = url.slice(basePath.length)
  if (rest === "" || rest.startsWith("?")) return `/${rest}`
  return rest.startsWith("/") ? rest : url
}

/** Returns true if a URL has the base path but not the slash that must follow it. */
export function lacksSlash(url: string, basePath: string): boolean {
  return basePath !== "" && (url === basePath || url.startsWith(`${basePath}?`))
}

export function isSocketPath(path: string): boolean {
  return path.startsWith("/socket.io/")
}

/** Returns true if a path is meant for Socket.IO, but is below another path or lacks the slash that Socket.IO needs. */
export function isMisplacedSocketPath(path: string): boolean {
  return !isSocketPath(path) && /\/socket\.io(\/|$)/.test(path)
}
