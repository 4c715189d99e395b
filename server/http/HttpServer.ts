import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Logger } from "pino"
import type { Audit } from "@/server/audit/Audit"
import type { Access, Verdict } from "@/server/auth/Access"
import type { Quotas } from "@/server/auth/Quotas"
import type { Pages } from "@/server/http/Pages"
import type { Metrics } from "@/server/metrics/Metrics"
import type { ClientRateLimits } from "@/server/net/ClientRateLimits"
import { clientAddress } from "@/server/net/clientAddress"
import { createHostCheck, type HostCheckResult } from "@/server/net/createHostCheck"
import { readCredentials } from "@/server/net/readCredentials"
import { sendError, sendText, sendTooMany } from "@/server/net/respond"
import { dropInnerHeaders, setSecurityHeaders } from "@/server/net/securityHeaders"
import type { Clock } from "@/server/platform/Clock"
import type { Config } from "@/server/platform/Config"
import { redactError } from "@/server/platform/logger"
import type { AccessStore } from "@/server/store/AccessStore"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { ApiRoutes, isPostPath } from "./ApiRoutes"
import type { ExportSource } from "./exportRun"
import { HttpAudit } from "./HttpAudit"
import { PageRoutes } from "./PageRoutes"
import type { Readiness } from "./Readiness"
import { SignIn } from "./SignIn"

/** Where Socket.IO's own requests go, once they are known to be allowed. */
type SocketRequests = {
  handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void>
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

type FrontDoorParts = {
  config: Config
  access: Access
  accessStore: AccessStore
  clock: Clock
  reader: ExportSource
  metrics: Metrics
  readiness: Readiness
  sockets: SocketRequests
  cookieName: () => string
  signedOut: (session: string) => void
  /** Where everybody may come in: how much each address may ask. */
  rates?: ClientRateLimits | undefined
  logger: Logger
  audit: Audit
  quotas: Quotas
}

const REFUSALS: Record<Exclude<HostCheckResult, "ok">, string> = {
  host: "This server does not go by the name that your request used. If it is meant to, set TURNLINE_PUBLIC_URL to the address that browsers use, or add the name to TURNLINE_ALLOWED_HOSTS, and start the server again.",
  origin:
    "A page of another origin may not use this server. If it is meant to, add its origin to TURNLINE_ALLOWED_ORIGINS, or set TURNLINE_PUBLIC_URL when the page is this server's own behind a proxy, and start the server again.",
}

/** Every HTTP request and upgrade comes through here: first what it may do, then what it wants. */
export class HttpServer {
  readonly #parts: FrontDoorParts
  readonly #notes: HttpAudit
  readonly #check: ReturnType<typeof createHostCheck>
  readonly #overTls: boolean
  readonly #apiDoor: ApiRoutes
  readonly #pageDoor: PageRoutes

  constructor(parts: FrontDoorParts) {
    const { config, access, cookieName, signedOut, logger } = parts
    const notes = new HttpAudit({ ...parts, proxyHops: config.proxyHops })
    this.#parts = parts
    this.#notes = notes
    this.#check = createHostCheck(config)
    this.#overTls = config.publicUrl?.startsWith("https:") ?? false
    const signIn = new SignIn({ access, cookieName, overTls: this.#overTls, logger, notes, signedOut })
    this.#apiDoor = new ApiRoutes({ ...parts, notes, signIn })
    this.#pageDoor = new PageRoutes({ signIn, dev: config.dev })
  }

  /** From now on pages are served; until then they are asked to wait. */
  openPages(pages: Pages): void {
    this.#apiDoor.showsBuild(pages.build)
    this.#pageDoor.open(pages)
  }

  /** Answers one request; never throws. */
  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      dropInnerHeaders(request)
      setSecurityHeaders(response, this.#overTls)
      await this.#route(request, response)
    } catch (error) {
      this.#failed(error, response)
    }
  }

  /** Lets Socket.IO's upgrades through, and in development those of the pages. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy())
    dropInnerHeaders(request)
    const verdict = this.#check(request.headers)
    if (verdict !== "ok") {
      this.#noteRefusal(verdict, request)
      socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n${REFUSALS[verdict]}`)
      return
    }
    if (this.#waitMs(request) > 0) {
      socket.end("HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\r\n")
      return
    }
    const path = request.url ?? ""
    if (isSocketPath(path)) this.#parts.sockets.handleUpgrade(request, socket, head)
    else if (!this.#pageDoor.upgrade(request, socket, head))
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n")
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = readUrl(request)
    if (url === undefined) return sendText(response, 400, "That is no address of this server.")
    const { pathname } = url
    if (pathname === "/healthz") return sendText(response, 200, "ok")
    if (pathname === "/readyz") return this.#ready(response)
    const verdict = this.#check(request.headers)
    if (verdict !== "ok") {
      this.#noteRefusal(verdict, request)
      return sendText(response, 403, REFUSALS[verdict])
    }
    const waitMs = this.#waitMs(request)
    if (waitMs > 0) return sendTooMany(response, waitMs)
    if (isSocketPath(pathname)) return this.#socketRequest(url, request, response)
    if (!mayUse(request.method, pathname)) {
      response.setHeader("allow", isPostPath(pathname) ? "POST" : "GET, HEAD")
      return sendText(response, 405, "That method is not for this address.")
    }
    const sent = readCredentials(request.headers, this.#parts.cookieName())
    const seen = await this.#parts.access.admit(sent)
    if ("refused" in seen && seen.refused === "wrong") {
      const failedMs = this.#notes.failed(request, pathname, sent.token)
      if (failedMs > 0) return sendTooMany(response, failedMs)
    }
    if (pathname === "/metrics") return this.#metrics(seen, response)
    if (pathname.startsWith("/api/")) return this.#apiDoor.answer(seen, url, request, response)
    return this.#pageDoor.page(seen, url, request, response)
  }

  #waitMs(request: IncomingMessage): number {
    const { rates, config } = this.#parts
    if (rates === undefined) return 0
    const address = clientAddress(request.headers, request.socket.remoteAddress, config.proxyHops)
    const waitMs = rates.request(address)
    if (waitMs > 0) {
      this.#parts.metrics.refused("rate")
      this.#parts.audit.note({ event: "limit", address, why: "requests of the address" })
    }
    return waitMs
  }

  async #ready(response: ServerResponse): Promise<void> {
    const missing = await this.#parts.readiness.missing()
    sendText(response, missing === undefined ? 200 : 503, missing ?? "ready")
  }

  async #metrics(seen: Verdict, response: ServerResponse): Promise<void> {
    if (!("visitor" in seen) || seen.visitor.principal.read !== "all")
      return sendError(response, 401, "unauthenticated")
    sendText(response, 200, await this.#parts.metrics.text(), "text/plain; version=0.0.4")
  }

  async #socketRequest(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    // JSONP would answer with a script, which a page of any origin may load.
    if (url.searchParams.has("j")) return sendText(response, 400, "JSONP is not spoken here.")
    const { origin } = request.headers
    if (origin !== undefined && this.#parts.config.allowedOrigins.includes(origin)) {
      response.setHeader("access-control-allow-origin", origin)
      response.setHeader("access-control-allow-headers", "authorization, content-type")
      response.setHeader("cross-origin-resource-policy", "cross-origin")
      response.setHeader("vary", "origin")
      if (request.method === "OPTIONS") return sendText(response, 204, "")
    }
    if (request.method !== "GET" && request.method !== "POST")
      return sendText(response, 405, "That method is not for this address.")
    await this.#parts.sockets.handleRequest(request, response)
  }

  #noteRefusal(verdict: Exclude<HostCheckResult, "ok">, request: IncomingMessage): void {
    this.#parts.metrics.refused(verdict)
    this.#notes.did(request, undefined, { event: "refused", how: "request", why: verdict })
    const { host, origin } = request.headers
    this.#parts.logger.warn({ host, origin, address: request.socket.remoteAddress }, `${verdict} refused`)
  }

  #failed(error: unknown, response: ServerResponse): void {
    // A client that went away in the middle of an export is no fault of ours.
    if (error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE") return
    const unavailable = error instanceof StoreUnavailableError
    if (!unavailable) this.#parts.logger.error({ err: redactError(error) }, "a request failed")
    if (response.headersSent) response.destroy()
    else if (unavailable) sendError(response, 503, "unavailable")
    else sendError(response, 500, "internal")
  }
}

function isSocketPath(path: string): boolean {
  return path.startsWith("/socket.io/")
}

function mayUse(method: string | undefined, pathname: string): boolean {
  return isPostPath(pathname) ? method === "POST" : method === "GET" || method === "HEAD"
}

/** The address asked for; undefined when a part of it could be read as another host. */
function readUrl(request: IncomingMessage): URL | undefined {
  const { url = "" } = request
  if (!url.startsWith("/") || /^\/[/\\]/.test(url)) return undefined
  return URL.canParse(url, "http://turnline") ? new URL(url, "http://turnline") : undefined
}
