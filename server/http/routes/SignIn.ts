import type { IncomingMessage, ServerResponse } from "node:http"
import type { Logger } from "pino"
import type { Access, Identity } from "@/server/auth/Access"
import { SESSION_MS } from "@/server/auth/SessionStore"
import { tokenIdOf } from "@/server/auth/token"
import type { HttpAudit } from "@/server/http/HttpAudit"
import { withoutBasePath } from "@/server/http/requestUrl"
import { sessionCookie } from "@/server/net/readCredentials"
import { localPath, readBody, redirect, sendText, sendTooManyRequests } from "@/server/net/respond"

const MAX_FORM_BYTES = 8 * 1024

type SignInOptions = {
  access: Access
  cookieName: () => string
  overTls: boolean
  /** The path under which browsers see the server. It is added to redirects; all other paths here are without it. */
  basePath: string
  logger: Logger
  audit: HttpAudit
  /** Called with the hash of a session that has ended, to close its connections. */
  onSignedOut: (session: string) => void
}

/** `retryAfterMs`: how long this address must wait before its next attempt; 0 if it may retry immediately. */
type SignInResult = { ok: true } | { ok: false; retryAfterMs: number }

/** Exchanges tokens for session cookies. */
export class SignIn {
  readonly #options: SignInOptions

  constructor(options: SignInOptions) {
    this.#options = options
  }

  /** Signs in with a page's `?token=` and redirects to the page without it. Returns false if the token is invalid. */
  async withLink(url: URL, response: ServerResponse): Promise<boolean> {
    const token = url.searchParams.get("token") ?? ""
    if (!this.#options.access.isOpenToEverybody && !(await this.#startSession(token, response)).ok)
      return false
    url.searchParams.delete("token")
    this.#redirect(response, localPath(url.pathname + url.search) ?? "/")
    return true
  }

  /** `POST /api/sign-in` with the form fields `token` and `to`, the path to continue to. */
  async withForm(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_FORM_BYTES)
    if (body === undefined) return sendText(response, 413, "The form is too large.")
    const form = new URLSearchParams(body)
    const { basePath } = this.#options
    const to = pagePath(form.get("to"), basePath) ?? referringPage(request, basePath) ?? "/"
    const result = await this.#startSession((form.get("token") ?? "").trim(), response)
    if (result.ok) return this.#redirect(response, to)
    if (result.retryAfterMs > 0) return sendTooManyRequests(response, result.retryAfterMs)
    this.#redirect(response, `/sign-in?reason=wrong&to=${encodeURIComponent(to)}`)
  }

  /** `POST /api/sign-out`: ends the session in all tabs of the browser. */
  async signOut(
    identity: Identity | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { access, onSignedOut, logger, audit } = this.#options
    if (identity?.session) {
      await access.signOut(identity.session)
      onSignedOut(identity.session.sha256)
      logger.info({ token: identity.principal.token_id }, "signed out")
      audit.record(request, identity.principal, { event: "signed_out" })
    }
    this.#setCookie(response, "", 0)
    if (request.headers.accept?.includes("text/html")) this.#redirect(response, "/")
    else sendText(response, 204, "")
  }

  async #startSession(token: string, response: ServerResponse): Promise<SignInResult> {
    const { access, logger, audit } = this.#options
    const value = await access.signIn(token)
    const address = audit.address(response.req)
    if (value === undefined) {
      logger.warn({ address }, "sign-in refused")
      return { ok: false, retryAfterMs: audit.recordFailedAuth(response.req, "sign-in", token) }
    }
    this.#setCookie(response, value, SESSION_MS / 1000)
    logger.info({ address }, "signed in")
    const tokenId = tokenIdOf(token)
    audit.record(response.req, undefined, {
      event: "signed_in",
      ...(tokenId !== undefined && { token: tokenId }),
    })
    return { ok: true }
  }

  #setCookie(response: ServerResponse, value: string, seconds: number): void {
    const { cookieName, overTls, basePath } = this.#options
    response.setHeader("set-cookie", sessionCookie({ name: cookieName(), value, seconds, overTls, basePath }))
  }

  #redirect(response: ServerResponse, path: string): void {
    redirect(response, this.#options.basePath + path)
  }
}

/** Returns a path that is safe to redirect to, without the base path. */
function pagePath(text: string | null, basePath: string): string | undefined {
  return localPath(withoutBasePath(text ?? "", basePath))
}

/** Returns the page that a form was submitted from, if it is one of this server's, without the base path. */
function referringPage({ headers }: IncomingMessage, basePath: string): string | undefined {
  const { referer, host } = headers
  if (referer === undefined || !URL.canParse(referer)) return undefined
  const page = new URL(referer)
  if (page.host !== host) return undefined
  if (withoutBasePath(page.pathname, basePath) === "/sign-in")
    return pagePath(page.searchParams.get("to"), basePath)
  page.searchParams.delete("token")
  return pagePath(page.pathname + page.search, basePath)
}
