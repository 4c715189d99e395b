import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { AuthResult } from "@/server/auth/Access"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import { redirect, sendText } from "@/server/net/respond"
import { setPagePolicy } from "@/server/net/securityHeaders"
import { within } from "@/server/platform/within"
import type { Pages } from "./Pages"
import type { SignIn } from "./routes/SignIn"

type PageRoutesOptions = {
  signIn: SignIn
  dev: boolean
  frameAncestors: readonly string[]
  /** The path under which browsers see the server. It is added to redirects; requests come without it. */
  basePath: string
}

/** Matches everything that the sign-in page loads: scripts, styles, fonts and icons. */
const PUBLIC = /^\/(_next\/static\/|favicon\.ico$|icon(\.\w+)?$|apple-icon(\.\w+)?$)/
const STATIC = /^\/_next\/static\//
const DEVELOPMENT = /^\/(_next\/|__nextjs)/
/**
 * With these headers, a browser requests only a page's data. They are removed when the sign-in page is rendered
 * instead, because the browser needs all of that page.
 */
const DATA_HEADERS = [
  "rsc",
  "next-router-state-tree",
  "next-router-prefetch",
  "next-router-segment-prefetch",
  "next-url",
]
/** How long an open page's request for a script waits for a starting server before it fails. */
const STARTUP_WAIT_MS = 15_000
const STARTING_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<title>Turnline</title><p>Turnline is starting …`

/** Serves pages to signed-in browsers and the sign-in page to other browsers. */
export class PageRoutes {
  readonly #signIn: SignIn
  readonly #dev: boolean
  readonly #frameAncestors: readonly string[]
  readonly #basePath: string
  #pages: Pages | undefined
  readonly #opened: Promise<void>
  #resolveOpened: () => void = () => undefined

  constructor(options: PageRoutesOptions) {
    this.#signIn = options.signIn
    this.#dev = options.dev
    this.#frameAncestors = options.frameAncestors
    this.#basePath = options.basePath
    this.#opened = new Promise((resolve) => {
      this.#resolveOpened = resolve
    })
  }

  open(pages: Pages): void {
    this.#pages = pages
    this.#resolveOpened()
  }

  /** Handles a GET or HEAD request for a page or one of its files. */
  async handle(
    auth: AuthResult,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const isPublic = PUBLIC.test(url.pathname) || (this.#dev && DEVELOPMENT.test(url.pathname))
    if (isPublic) return this.#render(request, response)
    if (url.searchParams.has("token")) return this.#signInWithLink(url, response)
    const isSignInPage = url.pathname === "/sign-in"
    const failed = isSignInPage && url.searchParams.get("reason") === "wrong"
    if ("refused" in auth) {
      if (url.pathname.startsWith("/_next/")) return sendText(response, 401, "Sign in first.")
      return this.#renderSignIn(failed ? "wrong" : auth.refused, request, response)
    }
    if (!isSignInPage) return this.#render(request, response)
    if (!isDemoVisitor(auth.identity.principal)) return redirect(response, `${this.#basePath}/`)
    return this.#renderSignIn(failed ? "wrong" : "missing", request, response)
  }

  /** Passes an upgrade to the pages' development server. Returns false if the upgrade isn't for that server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!this.#pages?.upgrade || !DEVELOPMENT.test(request.url ?? "")) return false
    this.#pages.upgrade(request, socket, head)
    return true
  }

  async #signInWithLink(url: URL, response: ServerResponse): Promise<void> {
    if (await this.#signIn.withLink(url, response)) return
    // Like a valid token, an invalid one must not stay in the address bar.
    url.searchParams.delete("token")
    const to = encodeURIComponent(url.pathname + url.search)
    redirect(response, `${this.#basePath}/sign-in?reason=wrong&to=${to}`)
  }

  #renderSignIn(
    reason: "missing" | "wrong" | "ended",
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    request.url = reason === "missing" ? "/sign-in" : `/sign-in?reason=${reason}`
    for (const name of DATA_HEADERS) delete request.headers[name]
    // Without a referrer, browsers submit the form with `Origin: null`, which the host check refuses.
    response.setHeader("referrer-policy", "same-origin")
    return this.#render(request, response)
  }

  async #render(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isFile = !this.#dev && STATIC.test(request.url ?? "")
    if (this.#pages === undefined && isFile) await within(this.#opened, STARTUP_WAIT_MS)
    if (this.#pages === undefined) {
      response.setHeader("retry-after", "1")
      return sendText(response, 503, STARTING_PAGE, "text/html")
    }
    // Files keep the default policy of `setSecurityHeaders`, which allows nothing.
    if (!isFile) setPagePolicy(request, response, { dev: this.#dev, frameAncestors: this.#frameAncestors })
    request.url = decodableUrl(request.url ?? "/")
    await this.#pages.handle(request, response)
  }
}

/** Escapes the percent signs of a path that can't be decoded, such as `/runs/%`, because Next fails on it. */
function decodableUrl(url: string): string {
  const end = url.indexOf("?")
  const path = end === -1 ? url : url.slice(0, end)
  try {
    decodeURIComponent(path)
    return url
  } catch {
    return path.replaceAll("%", "%25") + url.slice(path.length)
  }
}
