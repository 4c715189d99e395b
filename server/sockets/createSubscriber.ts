import type { Subscriber } from "@/server/fanout/Subscriber"
import type { IoSocket } from "./createIo"
import type { EngineConnection } from "./EngineConnection"

/** Creates the subscriber through which the fan-out sends events to a socket. */
export function createSubscriber(
  socket: IoSocket,
  engineConnection: EngineConnection,
  disconnect: (reason: string) => void,
): Subscriber {
  return {
    id: socket.id,
    get connected() {
      return socket.connected && engineConnection.open
    },
    get ready() {
      return engineConnection.ready
    },
    queuedBytes: () => engineConnection.queuedBytes(),
    send: (event) => {
      if (socket.connected) engineConnection.send(event)
    },
    disconnect,
  }
}
