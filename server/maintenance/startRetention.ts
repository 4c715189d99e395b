import type { Logger } from "pino"
import type { Audit } from "@/server/audit/Audit"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import type { RunRegistry } from "@/server/registry/RunRegistry"

const DAY_MS = 86_400_000
const FIRST_MS = 60_000
const EVERY_MS = 3_600_000
/** Small batches with pauses, so that other commits don't wait long. */
const BATCH = 50
const PAUSE_MS = 200

type RetentionParts = {
  registry: Pick<RunRegistry, "deleteEndedBefore">
  clock: Clock
  days: number
  logger: Logger
  audit?: Audit
}

/**
 * Regularly deletes runs that are past their retention; `days: 0` deletes none. Returns a function that stops the
 * deletion.
 */
export function startRetention({ registry, clock, days, logger, audit }: RetentionParts): () => void {
  let timer: unknown
  let stopped = days === 0

  const schedule = (ms: number) => {
    if (!stopped) timer = clock.setTimeout(() => void sweep(), ms)
  }

  async function sweep(): Promise<void> {
    try {
      const deleted = await registry.deleteEndedBefore(isoTime(clock.now() - days * DAY_MS), BATCH)
      if (deleted > 0) audit?.record({ event: "runs_expired", count: deleted })
      if (deleted > 0) logger.info({ runs: deleted }, "deleted runs past retention")
      schedule(deleted === BATCH ? PAUSE_MS : EVERY_MS)
    } catch (error) {
      logger.warn({ err: redactError(error) }, "couldn't delete old runs; retrying later")
      schedule(EVERY_MS)
    }
  }

  schedule(FIRST_MS)
  return () => {
    stopped = true
    clock.clearTimeout(timer)
  }
}
