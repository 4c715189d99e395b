import type { IncomingMessage, ServerResponse } from "node:http"
import type { Logger } from "pino"
import type { Access, Visitor } from "@/server/auth/Access"
import { SESSION_MS } from "@/server/auth/SessionStore"
import { tokenIdOf } from "@/server/auth/token"
import { sessionCookie } from "@/server/net/readCredentials"
import { localPath, readBody, redirect, sendText, sendTooMany } from "@/server/net/respond"
import type { HttpAudit } from "./HttpAudit"

const MAX_FORM_BYTES = 8 * 1024

type SignInParts = {
  access: Access
  cookieName: () => string
  overTls: boolean
  logger: Logger
  notes: HttpAudit
  /** A session was ended: its connections go. */
  signedOut: (session: string) => void
}

/** Turns tokens into session cookies and takes them back. */
export class SignIn {
  readonly #parts: SignInParts

  constructor(parts: SignInParts) {
    this.#parts = parts
  }

  /** A page was asked for with `?token=`: signs in and sends the browser on without it. False when the token is no good. */
  async byLink(url: URL, response: ServerResponse): Promise<boolean> {
    const token = url.searchParams.get("token") ?? ""
    if (!this.#parts.access.admitsEverybody && (await this.#start(token, response)) !== 0) return false
    url.searchParams.delete("token")
    redirect(response, localPath(url.pathname + url.search) ?? "/")
    return true
  }

  /** `POST /api/sign-in` with the form field `token`, and `to`, the path to go to afterwards. */
  async byForm(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_FORM_BYTES)
    if (body === undefined) return sendText(response, 413, "That form is too large.")
    const form = new URLSearchParams(body)
    const to = localPath(form.get("to")) ?? pageBefore(request) ?? "/"
    const waitMs = await this.#start((form.get("token") ?? "").trim(), response)
    if (waitMs === 0) return redirect(response, to)
    if (waitMs > 0) return sendTooMany(response, waitMs)
    redirect(response, `/sign-in?reason=wrong&to=${encodeURIComponent(to)}`)
  }

  /** `POST /api/sign-out`: ends the session here and everywhere it is open. */
  async out(visitor: Visitor | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { access, cookieName, overTls, signedOut, logger, notes } = this.#parts
    if (visitor?.session) {
      await access.signOut(visitor.session)
      signedOut(visitor.session.sha256)
      logger.info({ token: visitor.principal.token_id }, "signed out")
      notes.did(request, visitor.principal, { event: "signed_out" })
    }
    response.setHeader("set-cookie", sessionCookie(cookieName(), "", 0, overTls))
    if (request.headers.accept?.includes("text/html")) redirect(response, "/")
    else sendText(response, 204, "")
  }

  /** 0 when signed in; else the milliseconds until this address may try again, or -1 for at once. */
  async #start(token: string, response: ServerResponse): Promise<number> {
    const { access, cookieName, overTls, logger, notes } = this.#parts
    const value = await access.signIn(token)
    const address = notes.address(response.req)
    if (value === undefined) {
      logger.warn({ address }, "sign-in refused")
      return notes.failed(response.req, "sign-in", token) || -1
    }
    response.setHeader("set-cookie", sessionCookie(cookieName(), value, SESSION_MS / 1000, overTls))
    logger.info({ address }, "signed in")
    const signedIn = tokenIdOf(token)
    notes.did(response.req, undefined, {
      event: "signed_in",
      ...(signedIn !== undefined && { token: signedIn }),
    })
    return 0
  }
}

/** The page that a form was sent from, when it is one of ours. */
function pageBefore(request: IncomingMessage): string | undefined {
  const { referer } = request.headers
  if (referer === undefined || !URL.canParse(referer)) return undefined
  const page = new URL(referer)
  if (page.host !== request.headers.host) return undefined
  if (page.pathname === "/sign-in") return localPath(page.searchParams.get("to"))
  page.searchParams.delete("token")
  return localPath(page.pathname + page.search)
}
