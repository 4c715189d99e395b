import { io } from "socket.io-client"
import { pagePath } from "@/lib/live/pagePath"
import { failOnEarlyClose } from "@/lib/protocol/failOnEarlyClose"
import { PROTOCOL_VERSION } from "@/lib/protocol/version"
import type { Session } from "./ConnectionState"
import { exactParser } from "./exactParser"
import type { LiveSocket } from "./LiveSocket"

/** The delays are longer than those of agents, so that agents reconnect first after a restart of the server. */
const RECONNECT_MS = { reconnectionDelay: 500, reconnectionDelayMax: 10_000, randomizationFactor: 0.5 }

/** The build id of this page, inlined by the build. Undefined in development and in tests. */
export const PAGE_BUILD: string | undefined = process.env.TURNLINE_BUILD_ID

/** Creates a socket to the page's origin, or to `url`, without connecting it. The session cookie authenticates it. */
export function openSocket(url?: string): LiveSocket {
  const options = {
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: { protocol: PROTOCOL_VERSION },
    parser: exactParser,
    ...RECONNECT_MS,
  }
  const socket = url === undefined ? io({ ...options, path: pagePath("/socket.io/") }) : io(url, options)
  failOnEarlyClose(socket.io)
  return socket as unknown as LiveSocket
}

/** Returns what the signed-in token allows, or undefined if the request fails. */
export async function readSession(): Promise<Session | undefined> {
  try {
    const response = await fetch(pagePath("/api/session"), { credentials: "same-origin", cache: "no-store" })
    return response.ok ? ((await response.json()) as Session) : undefined
  } catch {
    return undefined
  }
}
