import type { Subscriber } from "@/server/fanout/Subscriber"
import type { IoSocket } from "./createIo"
import type { EngineConnection } from "./EngineConnection"

/** A socket as the fan-out sees it. */
export function createSubscriber(socket: IoSocket, link: EngineConnection): Subscriber {
  const emitter: { emit(event: string, ...args: unknown[]): boolean } = socket
  return {
    id: socket.id,
    get connected() {
      return socket.connected && link.open
    },
    queuedBytes: () => link.queuedBytes(),
    get ready() {
      return link.ready
    },
    emit: (event, ...args) => {
      emitter.emit(event, ...args)
    },
    emitText: (event, payloadJson) => {
      if (socket.connected) link.sendEvent(event, payloadJson)
    },
    join: (room) => {
      void socket.join(room)
    },
    leave: (room) => {
      void socket.leave(room)
    },
  }
}
