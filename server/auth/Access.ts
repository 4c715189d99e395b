import type { Principal } from "@/lib/protocol/access"
import type { Clock } from "@/server/platform/Clock"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"
import { DEMO_VISITOR, isDemoVisitor } from "./demoVisitor"
import { type Session, SessionStore } from "./SessionStore"
import { TokenCache } from "./TokenCache"
import { EVERYBODY } from "./token"

/** Who is at the door, and by which session if by a cookie. */
export type Visitor = { principal: Principal; session?: Session }
/** `ended`: a cookie whose session or token is over. */
export type Verdict = { visitor: Visitor } | { refused: "missing" | "wrong" | "ended" }

type AccessParts = {
  auth: "token" | "none"
  store: AccessStore
  clock: Clock
  /** Whether those without a token may look at demo runs. */
  demo?: boolean
  /** Called about every second, after the tokens were read again. */
  looked?: () => void
  /** Called of tokens that were made or revoked beside this process. */
  changed?: (row: TokenRow) => void
}

/** Decides who comes in: one place for pages, HTTP and sockets. */
export class Access {
  readonly tokens: TokenCache
  readonly #sessions: SessionStore
  readonly #auth: "token" | "none"
  readonly #demo: boolean
  readonly #clock: Clock

  constructor({ auth, demo = false, store, clock, looked, changed }: AccessParts) {
    this.tokens = new TokenCache({ store, clock, ...(looked && { looked }), ...(changed && { changed }) })
    this.#sessions = new SessionStore({ store, tokens: this.tokens, clock })
    this.#auth = auth
    this.#demo = demo
    this.#clock = clock
  }

  /** Whether nobody needs a token. */
  get admitsEverybody(): boolean {
    return this.#auth === "none"
  }

  async open(): Promise<void> {
    await this.tokens.open()
    this.#sessions.open()
  }

  close(): void {
    this.tokens.close()
    this.#sessions.close()
  }

  /** A token goes before a cookie. Rejects when the store cannot be read. */
  async admit(credentials: { token?: string; cookie?: string }): Promise<Verdict> {
    if (this.#auth === "none") return { visitor: { principal: EVERYBODY } }
    if (credentials.token !== undefined) {
      const principal = await this.tokens.find(credentials.token)
      return principal === undefined ? { refused: "wrong" } : { visitor: { principal } }
    }
    const { cookie } = credentials
    const session = cookie === undefined ? undefined : await this.#sessions.find(cookie)
    if (session !== undefined) return { visitor: { principal: session.principal, session } }
    if (this.#demo) return { visitor: { principal: DEMO_VISITOR } }
    return { refused: cookie === undefined ? "missing" : "ended" }
  }

  /** A new session's cookie value for a good token, else undefined. Rejects when the store cannot commit. */
  async signIn(token: string): Promise<string | undefined> {
    const principal = await this.tokens.find(token)
    return principal === undefined ? undefined : this.#sessions.start(principal)
  }

  /** Ends a session. Rejects when the store cannot commit. */
  async signOut(session: Session): Promise<void> {
    await this.#sessions.end(session.sha256)
  }

  /** Whether somebody let in before may stay. */
  mayStay({ principal, session }: Visitor): boolean {
    if (this.#auth === "none" || (this.#demo && isDemoVisitor(principal))) return true
    if (session !== undefined && session.expiresAt <= this.#clock.now()) return false
    return this.tokens.principal(principal.token_id) !== undefined
  }
}
