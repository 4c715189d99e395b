import type { Subscriber } from "@/server/fanout/Subscriber"
import type { IoSocket } from "./createIo"
import type { EngineConnection } from "./EngineConnection"

/** A socket as the fan-out sees it. */
export function createSubscriber(
  socket: IoSocket,
  link: EngineConnection,
  disconnect: (reason: string) => void,
): Subscriber {
  return {
    id: socket.id,
    get connected() {
      return socket.connected && link.open
    },
    get ready() {
      return link.ready
    },
    queuedBytes: () => link.queuedBytes(),
    send: (event) => {
      if (socket.connected) link.send(event)
    },
    disconnect,
  }
}
