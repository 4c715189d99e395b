import { createStore, type StoreApi } from "zustand/vanilla"
import type { ServerToClientEvents } from "@/lib/protocol/catalogue"
import { wireError } from "@/lib/protocol/codes"
import type { ConnectionPhase, ConnectionState, Session } from "./ConnectionState"
import { createRequest } from "./createRequest"
import { createServerClock, type ServerClock } from "./createServerClock"
import type { LiveSocket, Request } from "./LiveSocket"

/** A session that could not be read is asked for again after this long. */
const SESSION_RETRY_MS = 5_000
/** A handshake refused for another reason than the token is tried again after this long. */
const REFUSED_RETRY_MS = 5_000

export type LiveConnection = {
  store: StoreApi<ConnectionState>
  /** The socket, made at the first use. */
  socket(): LiveSocket
  clock: ServerClock
  request: Request
  /** Calls back on every connect, also at once when connected already. */
  onUp(listener: () => void): () => void
  onDown(listener: () => void): () => void
  /** Hears an event of the protocol on whichever socket is made; for as long as the page lives. */
  onEvent<E extends keyof ServerToClientEvents>(event: E, listener: ServerToClientEvents[E]): void
  open(): void
  close(): void
}

export type ConnectionOptions = {
  makeSocket: () => LiveSocket
  /** What the signed-in token allows; undefined when it can't be told. */
  readSession: () => Promise<Session | undefined>
  /** The build that the page is of; without it, the first one that the server names. */
  build?: string | undefined
  clock?: ServerClock
}

/** The page's one connection: its phase, its clock, requests over it, and word of its ups and downs. */
export function createConnection(options: ConnectionOptions): LiveConnection {
  const { makeSocket, readSession, clock } = options
  const store = createStore<ConnectionState>(() => ({ phase: "connecting", epoch: 0, session: undefined }))
  const time = clock ?? createServerClock()
  const ups = new Set<() => void>()
  const downs = new Set<() => void>()
  let made: LiveSocket | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  const heard: ((fresh: LiveSocket) => void)[] = []
  let wanted = false
  let sessionRetry: ReturnType<typeof setTimeout> | undefined
  let pageBuild = options.build
  let isStale = false

  function socket(): LiveSocket {
    if (made !== undefined) return made
    made = makeSocket()
    listen(made)
    for (const attach of heard) attach(made)
    return made
  }
  const requests = createRequest(() => made, time)

  // A page of another build stays one, however often the connection comes and goes.
  const phaseNow = (phase: ConnectionPhase) => (isStale && phase !== "signed_out" ? "stale" : phase)

  function setPhase(phase: ConnectionPhase) {
    store.setState({ phase: phaseNow(phase) })
  }

  async function learnSession() {
    clearTimeout(sessionRetry)
    const session = await readSession()
    if (session === undefined) {
      sessionRetry = setTimeout(() => made?.connected && void learnSession(), SESSION_RETRY_MS)
      return
    }
    pageBuild ??= session.build
    const wasStale = isStale
    isStale = session.build !== undefined && session.build !== pageBuild
    const { phase } = store.getState()
    store.setState({ session, phase: phaseNow(wasStale && made?.connected ? "live" : phase) })
  }

  function listen(fresh: LiveSocket) {
    fresh.on("connect", () => {
      store.setState(({ epoch }) => ({ phase: phaseNow("live"), epoch: epoch + 1 }))
      void learnSession()
      for (const listener of [...ups]) listener()
    })
    fresh.on("disconnect", (reason) => {
      // The server says goodbye for good only to a token that was revoked or ran out.
      setPhase(reason === "io server disconnect" ? "signed_out" : wanted ? "reconnecting" : "connecting")
      requests.failAll(wireError("unavailable", "The connection was lost."))
      for (const listener of [...downs]) listener()
    })
    fresh.on("connect_error", (error) => {
      const code = codeOf(error.data)
      if (code === "unauthenticated") return setPhase("signed_out")
      if (code === "unsupported_protocol") return setPhase("stale")
      setPhase(store.getState().epoch > 0 ? "reconnecting" : "connecting")
      // With a code the server itself refused, and Socket.IO does not try again.
      if (code !== undefined) retry = setTimeout(() => wanted && fresh.connect(), REFUSED_RETRY_MS)
    })
  }

  // Signed in again in another tab: the cookie is there for this one too.
  function shown() {
    const { phase } = store.getState()
    if (wanted && phase === "signed_out" && document.visibilityState === "visible") socket().connect()
  }

  return {
    store,
    socket,
    clock: time,
    request: requests.request,
    onUp(listener) {
      ups.add(listener)
      if (made?.connected) listener()
      return () => ups.delete(listener)
    },
    onDown(listener) {
      downs.add(listener)
      return () => downs.delete(listener)
    },
    onEvent(event, listener) {
      heard.push((fresh) => fresh.on(event, listener))
    },
    open() {
      if (!wanted && typeof document !== "undefined") document.addEventListener("visibilitychange", shown)
      wanted = true
      if (!socket().connected) socket().connect()
    },
    close() {
      if (typeof document !== "undefined") document.removeEventListener("visibilitychange", shown)
      wanted = false
      clearTimeout(retry)
      clearTimeout(sessionRetry)
      made?.disconnect()
    },
  }
}

function codeOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "code" in data ? data.code : undefined
}
