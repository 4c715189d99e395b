import { RESERVED_SEGMENTS } from "@/lib/protocol/serverPaths"

/** The address of the server as browsers see it. */
export type PublicUrl = {
  /** Scheme, host and port. */
  readonly origin: string
  /** The path under which the server is deployed, without a trailing slash; empty at the root of a host. */
  readonly basePath: string
}

/** These characters are never percent-encoded, so all proxies forward them unchanged. */
const SEGMENT = /^[\w.~-]+$/

/** Parses an HTTP origin. Returns undefined if the text has a path or a query, or isn't an HTTP address at all. */
export function readOrigin(text: string): string | undefined {
  const url = readHttpUrl(text)
  return url?.pathname === "/" ? url.origin : undefined
}

/** Parses a public URL. `problem`: what is wrong with it, for a sentence that starts with the setting's name. */
export function readPublicUrl(text: string): PublicUrl | { problem: string } {
  const url = readHttpUrl(text)
  if (url === undefined)
    return { problem: "must be an http:// or https:// address, like https://turnline.example.com" }
  const basePath = url.pathname.replace(/\/+$/, "")
  for (const segment of basePath.split("/").slice(1)) {
    if (!SEGMENT.test(segment))
      return { problem: "must have a path of letters, digits and . _ ~ -, like https://example.com/turnline" }
    if (RESERVED_SEGMENTS.has(segment))
      return { problem: `must not have ${segment} in its path, because Turnline's own paths use that name` }
  }
  return { origin: url.origin, basePath }
}

function readHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return undefined
  return url.search === "" && url.hash === "" && url.username === "" ? url : undefined
}
