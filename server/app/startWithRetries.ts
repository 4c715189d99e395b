import { setTimeout as sleep } from "node:timers/promises"
import type { Logger } from "pino"
import { redactError } from "@/server/platform/logger"
import { DatabaseNotReadyError, DatabaseUnusableError } from "@/server/store/errors"
import { StoreUnavailableError } from "@/server/store/RunStore"

/** How long to keep trying to start while the database isn't available. Long enough for a database to restart. */
export const START_LIMIT_MS = 60_000
const RETRY_MS = 1_000

type StartOptions<T> = {
  start(): Promise<T>
  /** Undoes a failed start. */
  undo(): Promise<void>
  logger: Logger
  limitMs: number
  retryMs?: number
  /** Ends the attempts. */
  signal: AbortSignal
}

/**
 * Starts a node of a cluster. Retries, for at most `limitMs`, if the database is slow, overloaded or starting, or if the
 * node's lease couldn't be renewed in time. Then rejects with the last error and adds the time spent to its message.
 */
export async function startWithRetries<T>(options: StartOptions<T>): Promise<T> {
  const { start, undo, logger, limitMs, retryMs = RETRY_MS, signal } = options
  const began = performance.now()
  for (;;) {
    try {
      return await start()
    } catch (error) {
      if (!isTransient(error) || signal.aborted) throw error
      await undo().catch(() => {})
      const triedMs = performance.now() - began
      if (triedMs >= limitMs) throw givenUp(error, triedMs)
      logger.warn({ err: redactError(error) }, "the database isn't available yet; starting again")
      await sleep(retryMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) throw error
    }
  }
}

function isTransient(error: unknown): error is Error {
  return error instanceof DatabaseNotReadyError || error instanceof StoreUnavailableError
}

function givenUp({ message }: Error, triedMs: number): Error {
  const sentence = /[.!]$/.test(message) ? message : `${message}.`
  return new DatabaseUnusableError(`${sentence} Gave up after ${Math.round(triedMs / 1_000)} s.`)
}
