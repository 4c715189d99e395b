import type { Server as Engine } from "engine.io"
import { Server, type Socket } from "socket.io"
import type { ClientToServerEvents, ServerToClientEvents } from "@/lib/protocol/catalog"
import type { Identity } from "@/server/auth/Access"
import { messageParser } from "./messageParser"

/** A connection that doesn't send a CONNECT within this time is closed. */
const CONNECT_TIMEOUT_MS = 10_000

type NoEvents = Record<string, never>
/** The data that admission adds to a socket. */
type SocketData = { identity: Identity; clientId: string }
export type Io = Server<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>
export type IoSocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>

/** Creates Socket.IO on an engine. Connection state recovery isn't used, because subscribers resume from their cursor. */
export function createIo(engine: Engine): Io {
  const io: Io = new Server({ serveClient: false, connectTimeout: CONNECT_TIMEOUT_MS, parser: messageParser })
  io.bind(engine)
  return io
}
