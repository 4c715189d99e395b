import type { IncomingMessage } from "node:http"

/** Parses the request URL. Returns undefined if any part of it could be read as another host. */
export function requestUrl({ url = "" }: IncomingMessage): URL | undefined {
  if (!url.startsWith("/") || /^\/[/\\]/.test(url)) return undefined
  return URL.canParse(url, "http://turnline") ? new URL(url, "http://turnline") : undefined
}

export function isSocketPath(path: string): boolean {
  return path.startsWith("/socket.io/")
}

/** Returns true if a path is meant for Socket.IO, but is below another path or lacks the slash that Socket.IO needs. */
export function isMisplacedSocketPath(path: string): boolean {
  return !isSocketPath(path) && /\/socket\.io(\/|$)/.test(path)
}
