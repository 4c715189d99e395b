import { randomUUID } from "node:crypto"
import { wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import { PROTOCOL_VERSION } from "@/lib/protocol/version"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import { tokenIdOf } from "@/server/auth/token"
import { clientAddress } from "@/server/net/clientAddress"
import { readCredentials } from "@/server/net/readCredentials"
import { isoTime } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import type { Redactor } from "@/server/redact/Redactor"
import type { IoSocket } from "./createIo"
import type { SocketServerParts } from "./SocketServerParts"

type AdmissionParts = Pick<
  SocketServerParts,
  | "io"
  | "access"
  | "ingest"
  | "metrics"
  | "clock"
  | "logger"
  | "cookieName"
  | "rates"
  | "proxyHops"
  | "redactor"
  | "quotas"
  | "audit"
>

/** An error for the client's `connect_error` event, with its `data`. */
class ConnectError extends Error {
  constructor(
    message: string,
    readonly data: { code: string; supported?: number[]; retry_after_ms?: number },
  ) {
    super(message)
  }
}

/** Admits sockets: one per transport connection, with a supported protocol version and a valid token. */
export function createAdmission(parts: AdmissionParts): void {
  const { io, logger } = parts
  const taken = new WeakSet<object>()
  // Synchronous and first, so that a second CONNECT is refused even while the first token is being checked.
  io.use((socket, next) => {
    if (!taken.has(socket.conn)) {
      taken.add(socket.conn)
      return next()
    }
    // `ReceivedMessages` should already have refused the second socket. This is a second line of defense.
    next(new ConnectError("One socket per connection.", { code: "forbidden" }))
    setImmediate(() => socket.conn.close())
  })
  io.use((socket, next) => {
    admit(parts, socket).then(next, (error) => {
      logger.error({ err: redactError(error) }, "looking up a token failed")
      // Closes without a reply, so that an unmodified Socket.IO client reconnects. After an error reply, it wouldn't.
      socket.conn.close()
      next(new Error("unavailable"))
    })
  })
}

async function admit(parts: AdmissionParts, socket: IoSocket): Promise<ConnectError | undefined> {
  const auth: Record<string, unknown> = socket.handshake.auth
  const { headers } = socket.handshake
  if (auth.protocol !== undefined && auth.protocol !== PROTOCOL_VERSION)
    return new ConnectError(`This server speaks version ${PROTOCOL_VERSION} of the protocol.`, {
      code: "unsupported_protocol",
      supported: [PROTOCOL_VERSION],
    })
  const address = clientAddress(headers, socket.handshake.address, parts.proxyHops)
  const sent = readCredentials(headers, parts.cookieName())
  const token = auth.token === undefined || auth.token === null ? sent.token : String(auth.token)
  const seen = await parts.access.authenticate(token === undefined ? sent : { ...sent, token })
  if (!("identity" in seen)) return refused(parts, address, token)
  const { token_id, name } = seen.identity.principal
  const release = parts.quotas.acquireForToken(token_id)
  if (release === undefined) {
    parts.metrics.refused("token_connections")
    parts.audit.record({ event: "limit", token: token_id, name, address, why: "connections of the token" })
    return new ConnectError("This token has too many connections.", { code: "rate_limited" })
  }
  whileOpen(socket, release)
  if (isDemoVisitor(seen.identity.principal) && !acquireSlot(parts, socket)) {
    parts.metrics.refused("address")
    return new ConnectError("Your address has too many connections.", { code: "rate_limited" })
  }
  socket.data.identity = seen.identity
  socket.data.clientId = clientIdOf(auth.client_id, parts.redactor)
  return undefined
}

/**
 * Takes one of the connection slots of a visitor's address, until the transport closes. Returns false if no slot is
 * left.
 */
function acquireSlot({ rates, proxyHops }: AdmissionParts, socket: IoSocket): boolean {
  if (rates === undefined) return true
  const { headers, address } = socket.handshake
  const release = rates.acquireConnection(clientAddress(headers, address, proxyHops))
  if (release !== undefined) whileOpen(socket, release)
  return release !== undefined
}

/**
 * Releases a slot when the transport closes. The transport may already have closed while the token was being checked.
 */
function whileOpen({ conn }: IoSocket, release: () => void): void {
  if (conn.readyState === "closed") release()
  else conn.once("close", release)
}

function refused(parts: AdmissionParts, address: string, token: string | undefined): ConnectError {
  const { metrics, logger, ingest, clock, audit, quotas } = parts
  const retry_after_ms = token === undefined ? 0 : quotas.recordFailure(address)
  const { code, message } = wireError(retry_after_ms > 0 ? "rate_limited" : "unauthenticated")
  metrics.refused(retry_after_ms > 0 ? "failures" : "token")
  logger.warn({ address }, "connection refused: invalid token")
  const tried = token === undefined ? undefined : tokenIdOf(token)
  audit.record({
    event: "auth_failed",
    address,
    how: "connect",
    ...(tried !== undefined && { token: tried }),
  })
  ingest.add({ at: isoTime(clock.now()), event: "connect", bytes: 0, ok: false, code, message })
  return new ConnectError(message, { code, ...(retry_after_ms > 0 && { retry_after_ms }) })
}

/** Returns the client id to store with the runs that the connection starts. */
function clientIdOf(given: unknown, redactor: Redactor | undefined): string {
  const fits = typeof given === "string" && given.length >= 1 && given.length <= LIMITS.clientIdChars
  return fits ? (redactor?.text(given) ?? given) : randomUUID()
}
