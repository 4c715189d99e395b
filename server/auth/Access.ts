import type { Principal } from "@/lib/protocol/access"
import type { Credentials } from "@/server/net/readCredentials"
import type { Clock } from "@/server/platform/Clock"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"
import { DEMO_VISITOR, isDemoVisitor } from "./demoVisitor"
import { type Session, SessionStore } from "./SessionStore"
import { TokenCache } from "./TokenCache"
import { ANONYMOUS } from "./token"

/** An authenticated client, and its session if it signed in with a browser. */
export type Identity = { principal: Principal; session?: Session }

/** `wrong`: an invalid token; `ended`: a session that expired or whose token was revoked. */
export type AuthResult = { identity: Identity } | { refused: "missing" | "wrong" | "ended" }

type AccessOptions = {
  auth: "token" | "none"
  store: AccessStore
  clock: Clock
  /** Lets clients without a token read demo runs. */
  demo?: boolean
  /** Called when another process created or revoked a token. */
  onTokenChanged?: (row: TokenRow) => void
}

/** Authenticates clients of pages, HTTP and sockets. */
export class Access {
  readonly tokens: TokenCache
  readonly #sessions: SessionStore
  readonly #auth: "token" | "none"
  readonly #demo: boolean
  readonly #clock: Clock

  constructor({ auth, demo = false, store, clock, onTokenChanged }: AccessOptions) {
    this.tokens = new TokenCache({
      store,
      clock,
      ...(onTokenChanged && { onChanged: onTokenChanged }),
    })
    this.#sessions = new SessionStore({ store, tokens: this.tokens, clock })
    this.#auth = auth
    this.#demo = demo
    this.#clock = clock
  }

  /** True if no token is required. */
  get isOpenToEverybody(): boolean {
    return this.#auth === "none"
  }

  /** Registers a listener that is called about once a second, each time the tokens have been read from the store. */
  onTokensRead(listener: () => void): void {
    this.tokens.onRead(listener)
  }

  async open(): Promise<void> {
    await this.tokens.open()
    this.#sessions.open()
  }

  close(): void {
    this.tokens.close()
    this.#sessions.close()
  }

  /** Authenticates a request. A token takes precedence over a cookie. Rejects when the store can't be read. */
  async authenticate({ token, cookie }: Credentials): Promise<AuthResult> {
    if (this.#auth === "none") return { identity: { principal: ANONYMOUS } }
    if (token !== undefined) {
      const principal = await this.tokens.authenticate(token)
      return principal === undefined ? { refused: "wrong" } : { identity: { principal } }
    }
    const session = cookie === undefined ? undefined : await this.#sessions.get(cookie)
    if (session !== undefined) return { identity: { principal: session.principal, session } }
    if (this.#demo) return { identity: { principal: DEMO_VISITOR } }
    return { refused: cookie === undefined ? "missing" : "ended" }
  }

  /**
   * Starts a session.
   *
   * @returns the session cookie's value, or undefined if the token is invalid. Rejects when the store can't commit.
   */
  async signIn(token: string): Promise<string | undefined> {
    const principal = await this.tokens.authenticate(token)
    return principal === undefined ? undefined : this.#sessions.start(principal)
  }

  /** Ends a session. Rejects when the store can't commit. */
  async signOut(session: Session): Promise<void> {
    await this.#sessions.end(session.sha256)
  }

  /** Drops a session that was ended elsewhere. */
  dropSession(sha256: string): void {
    this.#sessions.drop(sha256)
  }

  /** Returns true while the identity's token and session are still valid. */
  isStillValid({ principal, session }: Identity): boolean {
    if (this.#auth === "none" || (this.#demo && isDemoVisitor(principal))) return true
    if (session !== undefined && session.expiresAt <= this.#clock.now()) return false
    return this.tokens.principalOf(principal.token_id) !== undefined
  }
}
