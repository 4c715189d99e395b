import { io } from "socket.io-client"
import type { ServerAddress } from "@/lib/agent/delivery/serverAddress"
import type { Check } from "./Check"

const TIMEOUT_MS = 3_000

/**
 * Checks that WebSockets and long polling get through to a server that responds to HTTP. A proxy in between may block
 * either of them.
 */
export async function checkTransports(address: ServerAddress): Promise<Check> {
  const name = "connection"
  const url = address.origin + address.basePath
  const [websocket, polling] = await Promise.all([
    getsThrough(address, "websocket"),
    getsThrough(address, "polling"),
  ])
  if (websocket && polling) return { level: "ok", name, message: "WebSockets and long polling get through" }
  if (websocket)
    return { level: "warning", name, message: `long polling doesn't get through to ${url}; WebSockets do.` }
  const hint = "does a proxy in between pass on the headers Upgrade and Connection"
  return polling
    ? {
        level: "warning",
        name,
        message: `WebSockets don't get through to ${url}, so that long polling is used; ${hint}?`,
      }
    : {
        level: "problem",
        name,
        message: `neither WebSockets nor long polling get through to ${url}/socket.io/; ${hint}, and that path?`,
      }
}

/** Returns true if the server answers over this transport, even if it refuses the connection without a token. */
function getsThrough(
  { origin, basePath }: ServerAddress,
  transport: "websocket" | "polling",
): Promise<boolean> {
  const socket = io(origin, {
    path: `${basePath}/socket.io/`,
    transports: [transport],
    forceNew: true,
    reconnection: false,
    timeout: TIMEOUT_MS,
  })
  return new Promise((resolve) => {
    const settle = (answered: boolean) => {
      clearTimeout(timer)
      socket.disconnect()
      resolve(answered)
    }
    // The handshake has a timeout, but not the server's answer after it.
    const timer = setTimeout(() => settle(false), TIMEOUT_MS)
    socket.on("connect", () => settle(true))
    // Only the server's refusals have data.
    socket.on("connect_error", (error) => settle("data" in error && error.data !== undefined))
  })
}
