import type { CommandInput, CommandName, CommandReplies } from "@/lib/protocol/catalog"
import { type WireError, wireError } from "@/lib/protocol/codes"
import type { ServerClock } from "./createServerClock"
import type { LiveSocket, Request, RequestResult } from "./LiveSocket"

const REPLY_TIMEOUT_MS = 20_000
const MAX_RATE_LIMIT_RETRIES = 4
const DEFAULT_RETRY_MS = 500

type Failure = { ok: false; error: WireError }

/** Sends requests over a socket that may reconnect. Each request resolves, with the reply or with `unavailable`. */
export function createRequest(socket: () => LiveSocket | undefined, clock: ServerClock) {
  const pending = new Set<(failure: Failure) => void>()

  function send<N extends CommandName>(
    name: N,
    payload: CommandInput<N>,
  ): Promise<RequestResult<CommandReplies[N]>> {
    const open = socket()
    if (open === undefined || !open.connected) {
      return Promise.resolve({ ok: false, error: wireError("unavailable", "Not connected.") })
    }
    const sentAt = clock.monotonicNow()
    return new Promise((resolve) => {
      const settle = (result: RequestResult<CommandReplies[N]>) => {
        clearTimeout(timer)
        pending.delete(settle)
        resolve(result)
      }
      const timer = setTimeout(
        () => settle({ ok: false, error: wireError("unavailable", "The server didn't reply.") }),
        REPLY_TIMEOUT_MS,
      )
      pending.add(settle)
      open.emit(name, payload, (reply) => {
        if (reply.ok && "server_time" in reply) clock.addSample(String(reply.server_time), sentAt)
        settle(reply)
      })
    })
  }

  const request: Request = async (name, payload) => {
    for (let retries = 0; ; retries++) {
      const result = await send(name, payload)
      if (result.ok || result.error.code !== "rate_limited" || retries === MAX_RATE_LIMIT_RETRIES)
        return result
      const waitMs = result.error.retry_after_ms ?? DEFAULT_RETRY_MS
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }

  return {
    request,
    /** Settles all pending requests with an error. */
    failAll(error: WireError) {
      for (const settle of [...pending]) settle({ ok: false, error })
    },
  }
}
