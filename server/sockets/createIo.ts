import type { Server as Engine } from "engine.io"
import { Server, type Socket } from "socket.io"
import type { ClientToServerEvents, ServerToClientEvents } from "@/lib/protocol/catalogue"
import type { Identity } from "@/server/auth/Access"
import type { RoomEmitter } from "@/server/fanout/Subscriber"

/** A connection that sends no CONNECT gives its place back after this long. */
const CONNECT_TIMEOUT_MS = 10_000

type NoEvents = Record<string, never>
/** What the door has found out about a socket before it lets it in. */
export type SocketData = { visitor: Identity; clientId: string }
export type Io = Server<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>
export type IoSocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>

/** Socket.IO on an engine. It recovers no state by itself: a subscriber's cursor does that, exactly. */
export function createIo(engine: Engine): Io {
  const io: Io = new Server({ serveClient: false, connectTimeout: CONNECT_TIMEOUT_MS })
  io.bind(engine)
  return io
}

/** Emits to a room of this node, the packet encoded once; never by way of other nodes. */
export function createRoomEmitter(io: Io): RoomEmitter {
  return (room, event, ...args) => {
    const operator: { emit(event: string, ...args: unknown[]): boolean } = io.local.to(room)
    operator.emit(event, ...args)
  }
}
