import type {
  CommandInput,
  CommandName,
  CommandReplies,
  Reply,
  ServerToClientEvents,
} from "@/lib/protocol/catalog"
import type { WireError } from "@/lib/protocol/codes"

/** The parts of a Socket.IO client that the page needs. Tests use an in-memory implementation. */
export interface LiveSocket {
  readonly connected: boolean
  connect(): unknown
  disconnect(): unknown
  on<E extends keyof ServerToClientEvents>(event: E, listener: ServerToClientEvents[E]): unknown
  on(event: "connect", listener: () => void): unknown
  on(event: "disconnect", listener: (reason: string) => void): unknown
  on(event: "connect_error", listener: (error: Error & { data?: unknown }) => void): unknown
  emit<N extends CommandName>(
    event: N,
    payload: CommandInput<N>,
    acknowledge: (reply: Reply<N>) => void,
  ): unknown
}

/** The command's reply, or why it failed. */
export type RequestResult<T> = ({ ok: true } & T) | { ok: false; error: WireError }

/** Sends a command and resolves with its reply. Never rejects: without a reply, the error is `unavailable`. */
export type Request = <N extends CommandName>(
  name: N,
  payload: CommandInput<N>,
) => Promise<RequestResult<CommandReplies[N]>>
