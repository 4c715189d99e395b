import type { CommandInput, CommandName, CommandReplies } from "@/lib/protocol/catalogue"
import { type WireError, wireError } from "@/lib/protocol/codes"
import type { ServerClock } from "./createServerClock"
import type { Answer, LiveSocket, Request } from "./LiveSocket"

/** An answer that takes longer is given up. */
const ANSWER_MS = 20_000
const RATE_RETRIES = 4

type Failed = { ok: false; error: WireError }

/** Requests over a socket that may come and go: each resolves, with the answer or with `unavailable`. */
export function createRequest(socket: () => LiveSocket | undefined, clock: ServerClock) {
  const pending = new Set<(failed: Failed) => void>()

  function ask<N extends CommandName>(name: N, payload: CommandInput<N>): Promise<Answer<CommandReplies[N]>> {
    const open = socket()
    if (open === undefined || !open.connected) {
      return Promise.resolve({ ok: false, error: wireError("unavailable", "Not connected.") })
    }
    const sentAt = clock.ticks()
    return new Promise((resolve) => {
      const settle = (answer: Answer<CommandReplies[N]>) => {
        clearTimeout(timer)
        pending.delete(settle)
        resolve(answer)
      }
      const timer = setTimeout(
        () => settle({ ok: false, error: wireError("unavailable", "No answer from the server.") }),
        ANSWER_MS,
      )
      pending.add(settle)
      open.emit(name, payload, (reply) => {
        if (reply.ok && "server_time" in reply) clock.hear(String(reply.server_time), sentAt)
        settle(reply)
      })
    })
  }

  const request: Request = async (name, payload) => {
    for (let tries = 0; ; tries++) {
      const answer = await ask(name, payload)
      if (answer.ok || answer.error.code !== "rate_limited" || tries === RATE_RETRIES) return answer
      const waitMs = answer.error.retry_after_ms ?? 500
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }

  return {
    request,
    /** Answers everything under way with an error. */
    failAll(error: WireError) {
      for (const settle of [...pending]) settle({ ok: false, error })
    },
  }
}
