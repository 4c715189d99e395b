import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { wireError } from "@/lib/protocol/codes"
import { sendError, sendText } from "@/server/net/respond"

const SUPPORTED = "4"

const NO_POLLING =
  'This server accepts only WebSocket connections, because several nodes share its address. Set transports: ["websocket"] in the client, or, if the balancer has session affinity, TURNLINE_TRANSPORTS=websocket,polling on every node.'

/**
 * Returns the error message for a client that polls although the server doesn't accept it; undefined for other clients.
 */
export function describePolling(
  { url = "", headers }: IncomingMessage,
  transports: readonly string[],
): string | undefined {
  const isUpgrade = headers.upgrade !== undefined
  return isUpgrade || transports.includes("polling") || !/[?&]transport=polling/.test(url)
    ? undefined
    : NO_POLLING
}

/**
 * Returns the error message for a client with an unsupported Engine.IO protocol, such as a Socket.IO 2 client;
 * undefined for a supported client.
 */
export function describeUnsupported({ url = "" }: IncomingMessage): string | undefined {
  const version = versionOf(url)
  if (version === SUPPORTED) return undefined
  const spoken = version === undefined ? "doesn't say which protocol it speaks" : `speaks protocol ${version}`
  return `This server needs a Socket.IO client of version 3 or 4 (Engine.IO protocol 4), but this client ${spoken}. Update it: socket.io-client 4 for JavaScript, python-socketio 5 for Python.`
}

/**
 * Replies to a request of an unsupported client: in the protocol of Socket.IO 2 if the client uses that, otherwise with
 * status 400.
 */
export function refuseRequest(request: IncomingMessage, response: ServerResponse, message: string): void {
  const isSocketIo2 = versionOf(request.url ?? "") === "3" && request.method === "GET"
  if (!isSocketIo2 || /[?&]sid=/.test(request.url ?? "")) {
    sendError(response, 400, "invalid_params", message)
    return
  }
  // Opens a connection and sends a Socket.IO ERROR packet, whose text is passed to the client's "error" event.
  const open = { sid: "unsupported", upgrades: [], pingInterval: 25_000, pingTimeout: 5_000 }
  const packets = [`0${JSON.stringify(open)}`, "40", `44${JSON.stringify(message)}`]
  sendText(response, 200, packets.map((packet) => `${packet.length}:${packet}`).join(""))
}

/** Replies to an upgrade of an unsupported client. */
export function refuseUpgrade(socket: Duplex, message: string): void {
  const body = JSON.stringify({ error: wireError("invalid_params", message) })
  const head = [
    "HTTP/1.1 400 Bad Request",
    "connection: close",
    "content-type: application/json; charset=utf-8",
  ]
  socket.end(`${head.join("\r\n")}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

function versionOf(url: string): string | undefined {
  return /[?&]EIO=(\w{1,8})(?:&|$)/.exec(url)?.[1]
}
