import type { IncomingMessage, ServerResponse } from "node:http"
import type { Access, Verdict, Visitor } from "@/server/auth/Access"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import { sendError, sendJson, sendText } from "@/server/net/respond"
import type { Clock } from "@/server/platform/Clock"
import type { AccessStore } from "@/server/store/AccessStore"
import { type ExportSource, exportedRun, exportRun } from "./exportRun"
import type { HttpAudit } from "./HttpAudit"
import { mintByPage } from "./mintByPage"
import type { SignIn } from "./SignIn"

type ApiDoorParts = {
  access: Access
  accessStore: AccessStore
  clock: Clock
  reader: ExportSource
  signIn: SignIn
  notes: HttpAudit
}

const POSTS: ReadonlySet<string> = new Set(["/api/sign-in", "/api/sign-out", "/api/tokens"])

/** Whether a path is posted to, and not read. */
export function isPostPath(pathname: string): boolean {
  return POSTS.has(pathname)
}

/** What pages and scripts ask of the server by HTTP: sessions, tokens, exports. */
export class ApiRoutes {
  readonly #parts: ApiDoorParts
  #build: string | undefined

  constructor(parts: ApiDoorParts) {
    this.#parts = parts
  }

  /** Pages that were loaded compare this with their own, and so know that they are of another version. */
  showsBuild(build: string | undefined): void {
    this.#build = build
  }

  /** Answers a request whose host, origin and method are known to be allowed. */
  async answer(seen: Verdict, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const visitor = "visitor" in seen ? seen.visitor : undefined
    if (isPostPath(url.pathname)) return this.#post(visitor, url.pathname, request, response)
    if (visitor === undefined) return sendError(response, 401, "unauthenticated")
    const { principal } = visitor
    if (url.pathname === "/api/session") {
      const { name, read, control, mint } = principal
      const demo = isDemoVisitor(principal) ? { demo: true } : {}
      return sendJson(response, 200, { name, read, control, mint, ...demo, build: this.#build })
    }
    const run_id = exportedRun(url.pathname)
    if (run_id === undefined) return sendError(response, 404, "not_found", "There is no such address.")
    const format = url.searchParams.get("format") ?? "jsonl"
    response.once("close", () => {
      if (response.statusCode === 200)
        this.#parts.notes.did(request, principal, { event: "run_exported", run_id })
    })
    return exportRun(this.#parts.reader, principal, run_id, format, request, response)
  }

  async #post(
    visitor: Visitor | undefined,
    pathname: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    // Forms of other sites are stopped twice: by their origin, and by what the browser itself says.
    const site = request.headers["sec-fetch-site"]
    if (site !== undefined && site !== "same-origin" && site !== "none")
      return sendText(response, 403, "Only this server's own pages may do that.")
    const { access, accessStore: store, clock, signIn, notes } = this.#parts
    if (pathname === "/api/sign-in") return signIn.byForm(request, response)
    if (pathname === "/api/sign-out") return signIn.out(visitor, request, response)
    if (visitor === undefined) return sendError(response, 401, "unauthenticated")
    const { principal } = visitor
    const minted = await mintByPage({ store, tokens: access.tokens, clock }, principal, request, response)
    if (minted !== undefined)
      notes.did(request, principal, {
        event: "token_created",
        how: "page",
        why: `${minted.token_id} ${minted.name}`,
      })
  }
}
