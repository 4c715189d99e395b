import { createStore, type StoreApi } from "zustand/vanilla"
import type { ServerToClientEvents } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import type { ConnectionPhase, ConnectionState, Session } from "./ConnectionState"
import { createRequest } from "./createRequest"
import { createServerClock, type ServerClock } from "./createServerClock"
import { createSessionLoader } from "./createSessionLoader"
import type { LiveSocket, Request } from "./LiveSocket"

/** How long to wait before another handshake if the server refused one for a reason other than the token. */
const HANDSHAKE_RETRY_MS = 5_000

export type LiveConnection = {
  store: StoreApi<ConnectionState>
  /** Returns the socket, which is created on first use. */
  socket(): LiveSocket
  clock: ServerClock
  request: Request
  /** Calls the listener on every connect, and immediately if already connected. */
  onConnect(listener: () => void): () => void
  onDisconnect(listener: () => void): () => void
  /** Listens to a protocol event for the lifetime of the page. */
  onEvent<E extends keyof ServerToClientEvents>(event: E, listener: ServerToClientEvents[E]): void
  open(): void
  close(): void
}

export type ConnectionOptions = {
  makeSocket: () => LiveSocket
  /** Reads what the signed-in token allows. Resolves with undefined if unknown. */
  readSession: () => Promise<Session | undefined>
  /** The page's build; by default the first one that the server reports. */
  build?: string | undefined
  clock?: ServerClock
}

/** Creates the page's only connection: its phase, the server's clock, requests, and events. */
export function createConnection(options: ConnectionOptions): LiveConnection {
  const { makeSocket, readSession, build, clock } = options
  const store = createStore<ConnectionState>(() => ({ phase: "connecting", epoch: 0, session: undefined }))
  const time = clock ?? createServerClock()
  const connectListeners = new Set<() => void>()
  const disconnectListeners = new Set<() => void>()
  let current: LiveSocket | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  const attachHandlers: ((fresh: LiveSocket) => void)[] = []
  let isOpen = false

  function socket(): LiveSocket {
    if (current !== undefined) return current
    current = makeSocket()
    listen(current)
    for (const attach of attachHandlers) attach(current)
    return current
  }
  const requests = createRequest(() => current, time)

  const session = createSessionLoader({
    readSession,
    build,
    isConnected: () => current?.connected === true,
    onSession(loaded, wasStale) {
      const { phase } = store.getState()
      store.setState({ session: loaded, phase: staleOr(wasStale && current?.connected ? "live" : phase) })
    },
  })

  // A stale page stays stale across reconnects.
  function staleOr(phase: ConnectionPhase): ConnectionPhase {
    return session.isStale() && phase !== "signed_out" ? "stale" : phase
  }

  function setPhase(phase: ConnectionPhase) {
    store.setState({ phase: staleOr(phase) })
  }

  function listen(fresh: LiveSocket) {
    fresh.on("connect", () => {
      store.setState(({ epoch }) => ({ phase: staleOr("live"), epoch: epoch + 1 }))
      void session.load()
      for (const listener of [...connectListeners]) listener()
    })
    fresh.on("disconnect", (reason) => {
      // The server itself disconnects a client only if its token was revoked or has expired.
      setPhase(reason === "io server disconnect" ? "signed_out" : isOpen ? "reconnecting" : "connecting")
      requests.failAll(wireError("unavailable", "The connection was lost."))
      for (const listener of [...disconnectListeners]) listener()
    })
    fresh.on("connect_error", (error) => {
      const code = codeOf(error.data)
      if (code === "unauthenticated") return setPhase("signed_out")
      if (code === "unsupported_protocol") return setPhase("stale")
      setPhase(store.getState().epoch > 0 ? "reconnecting" : "connecting")
      // An error with a code is a refusal by the server. Socket.IO doesn't connect again after a refusal.
      if (code !== undefined) retry = setTimeout(() => isOpen && fresh.connect(), HANDSHAKE_RETRY_MS)
    })
  }

  // The user may have signed in again in another tab, which shares the cookie.
  function onVisible() {
    const { phase } = store.getState()
    if (isOpen && phase === "signed_out" && document.visibilityState === "visible") socket().connect()
  }

  return {
    store,
    socket,
    clock: time,
    request: requests.request,
    onConnect(listener) {
      connectListeners.add(listener)
      if (current?.connected) listener()
      return () => connectListeners.delete(listener)
    },
    onDisconnect(listener) {
      disconnectListeners.add(listener)
      return () => disconnectListeners.delete(listener)
    },
    onEvent(event, listener) {
      attachHandlers.push((fresh) => fresh.on(event, listener))
    },
    open() {
      if (!isOpen && typeof document !== "undefined") document.addEventListener("visibilitychange", onVisible)
      isOpen = true
      if (!socket().connected) socket().connect()
    },
    close() {
      if (typeof document !== "undefined") document.removeEventListener("visibilitychange", onVisible)
      isOpen = false
      clearTimeout(retry)
      session.cancel()
      current?.disconnect()
    },
  }
}

function codeOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "code" in data ? data.code : undefined
}
