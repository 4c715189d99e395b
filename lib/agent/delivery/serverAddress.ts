import { AgentError } from "@/lib/agent/AgentError"
import { SERVER_PATH } from "@/lib/protocol/serverPaths"

/** Where a server is reached. */
export type ServerAddress = {
  /** Scheme, host and port. */
  origin: string
  /** The path under which Turnline is served, without a trailing slash; empty at the root. */
  basePath: string
}

/** Quotation marks and brackets around a pasted address. */
const QUOTES = /^(["'`<])(.*)["'`>]$/s
/** A scheme, which may lack a slash. `host:3000` has none. */
const SCHEME = /^([a-z][a-z0-9+.-]*):(?:\/+|(?!\d+(?:[/?#]|$)))/i
const ONLY_PORT = /^:?(\d{1,5})(?=\/|$)/
const LOCAL_HOST = /^(localhost|127\.|\[|0\.0\.0\.0|10\.|192\.168\.|[^./]+(:\d+)?(\/|$))/i

/**
 * Parses a server's URL as people type or paste it: `localhost:3000`, `wss://host`, a page's URL with its query.
 * Without a scheme, local host names get `http` and all other hosts `https`.
 *
 * @throws {AgentError} `invalid_url`, with the given text in its message.
 */
export function serverAddress(typed: string): ServerAddress {
  const text = String(typed).trim()
  const bare = text.replace(QUOTES, "$2").trim().replace(ONLY_PORT, "localhost:$1")
  const [start = "", scheme] = SCHEME.exec(bare) ?? []
  const protocol = scheme?.toLowerCase().replace(/^ws/, "http") ?? (LOCAL_HOST.test(bare) ? "http" : "https")
  const httpUrl = `${protocol}://${bare.slice(start.length)}`
  if (!/^https?$/.test(protocol) || !URL.canParse(httpUrl)) throw invalid(text)
  const url = new URL(httpUrl)
  const basePath = url.pathname.replace(SERVER_PATH, "").replace(/\/+$/, "")
  return { origin: url.origin, basePath }
}

function invalid(text: string): AgentError {
  return new AgentError(
    "invalid_url",
    `"${text}" is not a server address; use one like http://localhost:3000 or https://turnline.example.com`,
  )
}
