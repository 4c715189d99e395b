import type { Server as Engine } from "engine.io"
import { Server, type Socket } from "socket.io"
import type { ClientToServerEvents, ServerToClientEvents } from "@/lib/protocol/catalogue"
import type { Identity } from "@/server/auth/Access"
import { messageParser } from "./messageParser"

/** A connection that sends no CONNECT is closed after this long. */
const CONNECT_TIMEOUT_MS = 10_000

type NoEvents = Record<string, never>
/** What admission has found out about a socket. */
type SocketData = { visitor: Identity; clientId: string }
export type Io = Server<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>
export type IoSocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>

/** Socket.IO on an engine. Without its own connection state recovery: a subscriber's cursor does that exactly. */
export function createIo(engine: Engine): Io {
  const io: Io = new Server({ serveClient: false, connectTimeout: CONNECT_TIMEOUT_MS, parser: messageParser })
  io.bind(engine)
  return io
}
