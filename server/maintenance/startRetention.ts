import type { Logger } from "pino"
import type { Audit } from "@/server/audit/Audit"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import type { RunRegistry } from "@/server/registry/RunRegistry"

const DAY_MS = 86_400_000
const FIRST_MS = 60_000
const EVERY_MS = 3_600_000
/** Small batches with a pause between, so that nobody's commit waits long. */
const BATCH = 50
const PAUSE_MS = 200

type RetentionParts = {
  registry: Pick<RunRegistry, "deleteEndedBefore">
  clock: Clock
  days: number
  logger: Logger
  audit?: Audit
}

/** Deletes ended runs that are older than they are kept for; with `days` 0 none ever. Returns how to stop it. */
export function startRetention({ registry, clock, days, logger, audit }: RetentionParts): () => void {
  let timer: unknown
  let stopped = days === 0

  const later = (ms: number) => {
    if (!stopped) timer = clock.setTimeout(() => void sweep(), ms)
  }

  async function sweep(): Promise<void> {
    try {
      const gone = await registry.deleteEndedBefore(isoTime(clock.now() - days * DAY_MS), BATCH)
      if (gone > 0) audit?.record({ event: "runs_expired", count: gone })
      if (gone > 0) logger.info({ runs: gone }, "runs deleted that were kept long enough")
      later(gone === BATCH ? PAUSE_MS : EVERY_MS)
    } catch (error) {
      logger.warn({ err: redactError(error) }, "old runs could not be deleted; tried again later")
      later(EVERY_MS)
    }
  }

  later(FIRST_MS)
  return () => {
    stopped = true
    clock.clearTimeout(timer)
  }
}
