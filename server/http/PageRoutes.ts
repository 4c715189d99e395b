import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Verdict } from "@/server/auth/Access"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import type { Pages } from "@/server/http/Pages"
import { redirect, sendText } from "@/server/net/respond"
import { setPagePolicy } from "@/server/net/securityHeaders"
import { within } from "@/server/platform/within"
import type { SignIn } from "./SignIn"

/** What a sign-in page needs before anybody has signed in: scripts, styles, fonts and the icon. */
const PUBLIC = /^\/(_next\/static\/|favicon\.ico$|icon(\.\w+)?$|apple-icon(\.\w+)?$)/
const STATIC = /^\/_next\/static\//
const DEVELOPMENT = /^\/(_next\/|__nextjs)/
/** With these a browser asks for a page's data alone, which it can't show at another address. */
const DATA_HEADERS = [
  "rsc",
  "next-router-state-tree",
  "next-router-prefetch",
  "next-router-segment-prefetch",
  "next-url",
]
/** A script that an open page wants while the server comes back: it waits rather than fail. */
const PREPARE_MS = 15_000
const PREPARING = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<title>Turnline</title><p>Turnline is starting …`

/** Hands pages to those who are signed in, and the sign-in page to everybody else. */
export class PageRoutes {
  readonly #signIn: SignIn
  readonly #dev: boolean
  #pages: Pages | undefined
  readonly #prepared: Promise<void>
  #opened: () => void = () => undefined

  constructor(parts: { signIn: SignIn; dev: boolean }) {
    this.#signIn = parts.signIn
    this.#dev = parts.dev
    this.#prepared = new Promise((resolve) => {
      this.#opened = resolve
    })
  }

  open(pages: Pages): void {
    this.#pages = pages
    this.#opened()
  }

  async page(seen: Verdict, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isPublic = PUBLIC.test(url.pathname) || (this.#dev && DEVELOPMENT.test(url.pathname))
    if (!isPublic && url.searchParams.has("token")) {
      if (await this.#signIn.byLink(url, response)) return
      // Also a token that is no good leaves the address bar.
      url.searchParams.delete("token")
      return redirect(response, `/sign-in?reason=wrong&to=${encodeURIComponent(url.pathname + url.search)}`)
    }
    const wantsSignIn = url.pathname === "/sign-in"
    const told = wantsSignIn && url.searchParams.get("reason") === "wrong"
    if (!isPublic && "refused" in seen) {
      if (url.pathname.startsWith("/_next/")) return sendText(response, 401, "Sign in first.")
      return this.#askToSignIn(told ? "wrong" : seen.refused, request, response)
    }
    if (wantsSignIn && "visitor" in seen) {
      if (!isDemoVisitor(seen.visitor.principal)) return redirect(response, "/")
      return this.#askToSignIn(told ? "wrong" : "missing", request, response)
    }
    return this.#show(request, response)
  }

  /** Whether an upgrade was one of the pages' own, which there are in development alone. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!this.#pages?.upgrade || !DEVELOPMENT.test(request.url ?? "")) return false
    this.#pages.upgrade(request, socket, head)
    return true
  }

  #askToSignIn(
    reason: "missing" | "wrong" | "ended",
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    request.url = reason === "missing" ? "/sign-in" : `/sign-in?reason=${reason}`
    for (const name of DATA_HEADERS) delete request.headers[name]
    // With no referrer at all a browser sends its form from origin "null", which is refused.
    response.setHeader("referrer-policy", "same-origin")
    return this.#show(request, response)
  }

  async #show(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isFile = !this.#dev && STATIC.test(request.url ?? "")
    if (this.#pages === undefined && isFile) await within(this.#prepared, PREPARE_MS)
    if (this.#pages === undefined) {
      response.setHeader("retry-after", "1")
      return sendText(response, 503, PREPARING, "text/html")
    }
    // A file is no page: what every response has says that it may do nothing.
    if (!isFile) setPagePolicy(request, response, this.#dev)
    await this.#pages.handle(request, response)
  }
}
