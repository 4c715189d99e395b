import { io } from "socket.io-client"
import { PROTOCOL_VERSION } from "@/lib/protocol/version"
import type { Session } from "./ConnectionState"
import type { LiveSocket } from "./LiveSocket"

/** Viewers come back within this; agents sooner. */
const RECONNECT_MS = { reconnectionDelay: 500, reconnectionDelayMax: 10_000, randomizationFactor: 0.5 }

/** The build that this page is of, put in by the build itself; undefined in development and in tests. */
export const PAGE_BUILD: string | undefined = process.env.TURNLINE_BUILD_ID

/** A socket to the page's own origin, or to `url`; it connects when told. The session cookie says who it is. */
export function openSocket(url?: string): LiveSocket {
  const options = {
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: { protocol: PROTOCOL_VERSION },
    ...RECONNECT_MS,
  }
  return (url === undefined ? io(options) : io(url, options)) as unknown as LiveSocket
}

/** What the signed-in token allows; undefined when the server does not say. */
export async function readSession(): Promise<Session | undefined> {
  try {
    const answer = await fetch("/api/session", { credentials: "same-origin", cache: "no-store" })
    return answer.ok ? ((await answer.json()) as Session) : undefined
  } catch {
    return undefined
  }
}
