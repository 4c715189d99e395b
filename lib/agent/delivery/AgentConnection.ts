import { io, type Socket } from "socket.io-client"
import { AgentError } from "@/lib/agent/AgentError"
import { messageOf } from "@/lib/agent/turn/jsonCopy"
import type { CommandInput, CommandName, Refusal, Reply } from "@/lib/protocol/catalogue"
import type { CancelRequested } from "@/lib/protocol/events"
import { PROTOCOL_VERSION } from "@/lib/protocol/version"
import { backoffMs, later } from "./timers"

export type LinkOptions = {
  origin: string
  token?: string
  clientId?: string
  /** How long an answer may take before the command is sent again. */
  ackTimeoutMs: number
  /** The first wait before a new connection; grows to 5 s, spread by half. */
  reconnectDelayMs: number
  onOnline: () => void
  onCancel: (request: CancelRequested) => void
  /** Trouble; `final` when no further attempt is made. */
  onTrouble: (error: AgentError, final: boolean) => void
}

/** No answer came: the line went down, or it took too long. The command may have been carried out or not. */
export type Unanswered = { ok: false; lost: "disconnected" | "timeout" }
export type Answer<N extends CommandName> = Reply<N> | Unanswered

type UntypedEmit = (event: string, payload: unknown, answer: (error: unknown, reply: unknown) => void) => void

/** An agent's connection: connects for ever, unless the server says that it is no use. */
export class AgentConnection {
  /** Counts connections; 0 before the first. A run belongs to one of them at a time. */
  epoch = 0
  private readonly socket: Socket
  private failures = 0
  private outageReported = false
  private stopped = false

  constructor(private readonly options: LinkOptions) {
    const auth = {
      protocol: PROTOCOL_VERSION,
      ...(options.token === undefined ? {} : { token: options.token }),
      ...(options.clientId === undefined ? {} : { client_id: options.clientId }),
    }
    this.socket = io(options.origin, {
      auth,
      // One transport connection each: agents of one process may have different tokens.
      forceNew: true,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: options.reconnectDelayMs,
      randomizationFactor: 0.5,
      reconnectionDelayMax: 5_000,
      timeout: 10_000,
      autoUnref: isNode(),
    })
    this.socket.on("connect", () => this.connected())
    this.socket.on("connect_error", (error) => this.refused(error))
    this.socket.on("disconnect", (reason) => this.disconnected(reason))
    this.socket.on("runs.cancel_requested", (request: CancelRequested) => options.onCancel(request))
  }

  get online(): boolean {
    return this.socket.connected && !this.stopped
  }

  /** Sends a command and resolves with its answer, or with `lost` when none came; never rejects. Only while `online`. */
  call<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Answer<N>> {
    return new Promise((resolve) => {
      if (!this.online) return resolve({ ok: false, lost: "disconnected" })
      const timed = this.socket.timeout(this.options.ackTimeoutMs)
      const emit = timed.emit.bind(timed) as unknown as UntypedEmit
      emit(event, payload, (error, reply) => {
        if (error !== null && error !== undefined)
          resolve({ ok: false, lost: this.socket.connected ? "timeout" : "disconnected" })
        else resolve(isReply<N>(reply) ? reply : NO_REPLY)
      })
    })
  }

  /** Ends the connection for good. */
  close(): void {
    this.stopped = true
    this.socket.disconnect()
  }

  private connected(): void {
    this.epoch++
    this.failures = 0
    this.outageReported = false
    this.options.onOnline()
  }

  private refused(error: Error & { data?: unknown }): void {
    if (this.stopped) return
    const data = (typeof error.data === "object" && error.data !== null ? error.data : {}) as {
      code?: unknown
      retry_after_ms?: unknown
    }
    if (data.code === "unauthenticated" || data.code === "unsupported_protocol") {
      this.giveUp(new AgentError(data.code, `${this.options.origin} refused: ${error.message}`))
      return
    }
    this.reportOutage(`cannot reach ${this.options.origin} (${detailOf(error)})`)
    if (this.socket.active) return
    // A refusal by the server's own word: the client doesn't come back by itself.
    const wait = typeof data.retry_after_ms === "number" ? data.retry_after_ms : 1_000
    later(() => this.reconnect(), Math.max(wait, backoffMs(++this.failures)))
  }

  private reconnect(): void {
    if (!this.stopped && !this.socket.active) this.socket.connect()
  }

  private disconnected(reason: string): void {
    if (this.stopped) return
    if (reason === "io server disconnect")
      this.giveUp(new AgentError("revoked", "the server closed the connection for good: token revoked"))
    else this.reportOutage(`the connection to ${this.options.origin} was lost (${reason})`)
  }

  private reportOutage(what: string): void {
    if (this.outageReported) return
    this.outageReported = true
    this.options.onTrouble(new AgentError("unreachable", `${what}; trying again, turns wait`), false)
  }

  private giveUp(error: AgentError): void {
    this.close()
    this.options.onTrouble(error, true)
  }
}

const NO_REPLY: Refusal = { ok: false, error: { code: "internal", message: "no answer of this protocol" } }

function isReply<N extends CommandName>(reply: unknown): reply is Reply<N> {
  return typeof reply === "object" && reply !== null && "ok" in reply && typeof reply.ok === "boolean"
}

/** engine.io keeps what really happened one level down. */
function detailOf(error: Error & { description?: unknown }): string {
  const below = error.description
  if (typeof below === "object" && below !== null && "message" in below && below.message)
    return `${error.message}: ${String(below.message)}`
  return messageOf(error)
}

/** Whether this runs in Node: there a connection and a timer may be told not to keep the process alive. */
export function isNode(): boolean {
  const node = (globalThis as { process?: { versions?: { node?: string } } }).process
  return typeof node?.versions?.node === "string"
}
