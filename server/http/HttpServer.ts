import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Logger } from "pino"
import type { Audit } from "@/server/audit/Audit"
import type { Access } from "@/server/auth/Access"
import type { Quotas } from "@/server/auth/Quotas"
import type { Metrics } from "@/server/metrics/Metrics"
import type { ClientRateLimits } from "@/server/net/ClientRateLimits"
import { createHostCheck, type HostCheckResult } from "@/server/net/createHostCheck"
import { readCredentials } from "@/server/net/readCredentials"
import { redirect, sendError, sendText, sendTooManyRequests } from "@/server/net/respond"
import { setSecurityHeaders, stripInternalHeaders } from "@/server/net/securityHeaders"
import type { Clock } from "@/server/platform/Clock"
import type { Config } from "@/server/platform/Config"
import { redactError } from "@/server/platform/logger"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { AccessStore } from "@/server/store/AccessStore"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { createRouter, type Router } from "./createRouter"
import { HttpAudit } from "./HttpAudit"
import { PageRoutes } from "./PageRoutes"
import type { Pages } from "./Pages"
import type { Readiness } from "./Readiness"
import { type NoteRefused, RefusalNotes } from "./RefusalNotes"
import type { Route } from "./Route"
import { isMisplacedSocketPath, isSocketPath, lacksSlash, requestUrl, withoutBasePath } from "./requestUrl"
import { apiRoutes } from "./routes/apiRoutes"
import { packageRoutes } from "./routes/packageRoutes"
import { runRoutes } from "./routes/runRoutes"
import { SignIn } from "./routes/SignIn"
import type { StaticFiles } from "./StaticFiles"

/** Handles Socket.IO's requests after they have passed the checks. */
type SocketRequests = {
  handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void>
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

type HttpServerOptions = {
  config: Config
  access: Access
  accessStore: AccessStore
  clock: Clock
  queries: RunQueries
  metrics: Metrics
  readiness: Readiness
  sockets: SocketRequests
  cookieName: () => string
  onSignedOut: (session: string) => void
  /** Set if clients without a token are admitted. */
  rates?: ClientRateLimits | undefined
  logger: Logger
  audit: Audit
  quotas: Quotas
  /** The client packages to hand out. */
  packages: StaticFiles
  /** Routes of other parts of the server. */
  routes?: readonly Route[]
  /** Called for requests that are refused before they reach a route. */
  noteRefused?: NoteRefused
}

const REFUSALS: Record<Exclude<HostCheckResult, "ok">, string> = {
  host: "This server doesn't accept the host name in your request. Set TURNLINE_PUBLIC_URL to the address that browsers use, or add the name to TURNLINE_ALLOWED_HOSTS, and restart the server.",
  origin:
    "Requests from other origins are not allowed. Add the origin to TURNLINE_ALLOWED_ORIGINS, or set TURNLINE_PUBLIC_URL if the page belongs to this server and a proxy is in front of it, and restart the server.",
}

/** Handles every HTTP request and upgrade: checks it, authenticates it, and passes it to its route. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #audit: HttpAudit
  readonly #notes: RefusalNotes
  readonly #checkHost: ReturnType<typeof createHostCheck>
  readonly #overTls: boolean
  readonly #router: Router
  readonly #pages: PageRoutes
  #build: string | undefined

  constructor(options: HttpServerOptions) {
    const { config, routes = [] } = options
    const audit = new HttpAudit({ ...options, proxyHops: config.proxyHops })
    this.#options = options
    this.#audit = audit
    this.#notes = new RefusalNotes(
      options.clock,
      (request) => audit.address(request),
      options.noteRefused ?? (() => {}),
      config.basePath,
    )
    this.#checkHost = createHostCheck(config)
    this.#overTls = config.publicUrl?.startsWith("https:") ?? false
    const { basePath, dev, frameAncestors } = config
    const signIn = new SignIn({ ...options, audit, overTls: this.#overTls, basePath })
    this.#router = createRouter([
      ...apiRoutes({ ...options, audit, signIn, build: () => this.#build }),
      ...runRoutes({ ...options, audit }),
      ...packageRoutes(options.packages, config.basePath),
      ...routes,
    ])
    this.#pages = new PageRoutes({ signIn, dev, frameAncestors, basePath })
  }

  /** Starts serving pages. Until then, browsers get a page that reloads itself. */
  openPages(pages: Pages): void {
    this.#build = pages.build
    this.#pages.open(pages)
  }

  /** Handles one request; never rejects. */
  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      stripInternalHeaders(request)
      const { basePath } = this.#options.config
      // HSTS applies to the whole host. If the host has other applications, their operator decides about it.
      setSecurityHeaders(response, this.#overTls && basePath === "")
      const asked = request.url ?? ""
      request.url = withoutBasePath(asked, basePath)
      const isRead = request.method === "GET" || request.method === "HEAD"
      await this.#handle(request, response, isRead && lacksSlash(asked, basePath))
    } catch (error) {
      this.#sendFailure(error, response)
    }
  }

  /** Handles upgrades of Socket.IO and, in development, of Next's hot reload. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy())
    stripInternalHeaders(request)
    request.url = withoutBasePath(request.url ?? "", this.#options.config.basePath)
    const checked = this.#checkHost(request.headers)
    if (checked !== "ok") {
      this.#recordRefusal(checked, request)
      socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n${REFUSALS[checked]}`)
    } else if (this.#rateLimitWaitMs(request) > 0) {
      socket.end("HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\r\n")
    } else if (isSocketPath(request.url ?? "")) {
      this.#options.sockets.handleUpgrade(request, socket, head)
    } else if (!this.#pages.upgrade(request, socket, head)) {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n")
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse, needsSlash: boolean): Promise<void> {
    const url = requestUrl(request)
    if (url === undefined) return sendText(response, 400, "Invalid URL.")
    const { pathname } = url
    if (pathname === "/healthz") return sendText(response, 200, "ok")
    if (pathname === "/readyz") return this.#sendReadiness(response)
    const checked = this.#checkHost(request.headers)
    if (checked !== "ok") {
      this.#recordRefusal(checked, request)
      return sendText(response, 403, REFUSALS[checked])
    }
    const waitMs = this.#rateLimitWaitMs(request)
    if (waitMs > 0) return sendTooManyRequests(response, waitMs)
    if (needsSlash) return redirect(response, this.#options.config.basePath + url.pathname + url.search)
    if (isSocketPath(pathname)) return this.#handleSocketRequest(url, request, response)
    return this.#handleAuthenticated(url, request, response)
  }

  async #handleAuthenticated(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const credentials = readCredentials(request.headers, this.#options.cookieName())
    const auth = await this.#options.access.authenticate(credentials)
    if ("refused" in auth && auth.refused === "wrong") {
      const waitMs = this.#audit.recordFailedAuth(request, url.pathname, credentials.token)
      if (waitMs > 0) return sendTooManyRequests(response, waitMs)
    }
    if (await this.#router.handle({ request, response, url, auth })) return
    const isRead = request.method === "GET" || request.method === "HEAD"
    if (isMisplacedSocketPath(url.pathname))
      return sendText(response, 404, this.#notes.unknownPath(request, url.pathname))
    if (url.pathname.startsWith("/api/")) {
      if (!isRead) this.#notes.unknownPath(request, url.pathname)
      return sendNoEndpoint(url, response)
    }
    if (!isRead) {
      response.setHeader("allow", "GET, HEAD")
      return sendText(response, 405, this.#notes.unknownPath(request, url.pathname))
    }
    return this.#pages.handle(auth, url, request, response)
  }

  #rateLimitWaitMs(request: IncomingMessage): number {
    const { rates, metrics, audit } = this.#options
    if (rates === undefined) return 0
    const address = this.#audit.address(request)
    const waitMs = rates.takeRequest(address)
    if (waitMs > 0) {
      metrics.refused("rate")
      audit.record({ event: "limit", address, why: "requests of the address" })
    }
    return waitMs
  }

  async #sendReadiness(response: ServerResponse): Promise<void> {
    const problem = await this.#options.readiness.problem()
    sendText(response, problem === undefined ? 200 : 503, problem ?? "ready")
  }

  async #handleSocketRequest(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A JSONP response is a script, which pages of any origin may load.
    if (url.searchParams.has("j")) return sendText(response, 400, "JSONP is not supported.")
    const { origin } = request.headers
    if (origin !== undefined && this.#options.config.allowedOrigins.includes(origin)) {
      response.setHeader("access-control-allow-origin", origin)
      response.setHeader("access-control-allow-headers", "authorization, content-type")
      response.setHeader("cross-origin-resource-policy", "cross-origin")
      response.setHeader("vary", "origin")
      if (request.method === "OPTIONS") return sendText(response, 204, "")
    }
    if (request.method !== "GET" && request.method !== "POST")
      return sendText(response, 405, `${request.method} is not allowed here. Use GET or POST.`)
    await this.#options.sockets.handleRequest(request, response)
  }

  #recordRefusal(refusal: Exclude<HostCheckResult, "ok">, request: IncomingMessage): void {
    this.#options.metrics.refused(refusal)
    this.#notes.forbidden(request, requestUrl(request)?.pathname ?? "", REFUSALS[refusal])
    this.#audit.record(request, undefined, { event: "refused", how: "request", why: refusal })
    const { host, origin } = request.headers
    this.#options.logger.warn({ host, origin, address: request.socket.remoteAddress }, `${refusal} refused`)
  }

  #sendFailure(error: unknown, response: ServerResponse): void {
    // The client disconnected in the middle of an export.
    if (error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE") return
    const unavailable = error instanceof StoreUnavailableError
    if (!unavailable) this.#options.logger.error({ err: redactError(error) }, "request failed")
    if (response.headersSent) response.destroy()
    else if (unavailable) sendError(response, 503, "unavailable")
    else sendError(response, 500, "internal")
  }
}

/** Sends 404. Malformed run ids get the same response as unknown runs. */
function sendNoEndpoint({ pathname }: URL, response: ServerResponse): void {
  const isRun = pathname.startsWith("/api/runs/")
  sendError(response, 404, "not_found", isRun ? undefined : "No such endpoint.")
}
