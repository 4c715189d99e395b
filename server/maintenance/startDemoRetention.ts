import type { Logger } from "pino"
import { DEMO_VISITOR } from "@/server/auth/demoVisitor"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { RunRegistry } from "@/server/registry/RunRegistry"

const HOUR_MS = 3_600_000
const FIRST_MS = 60_000
const EVERY_MS = 600_000
/** Small batches with pauses, so that other commits don't wait long. */
const BATCH = 50
const PAUSE_MS = 200

type DemoRetentionParts = {
  registry: Pick<RunRegistry, "delete">
  queries: Pick<RunQueries, "list">
  clock: Clock
  hours: number
  logger: Logger
}

/** A principal that can read the same runs as demo visitors, and can also delete them. */
const SWEEPER = { ...DEMO_VISITOR, control: true }

/**
 * Regularly deletes demo runs that are past their retention, and no other runs. Returns a function that stops the
 * deletion.
 */
export function startDemoRetention({
  registry,
  queries,
  clock,
  hours,
  logger,
}: DemoRetentionParts): () => void {
  let timer: unknown
  let stopped = false
  let before: string | undefined

  const schedule = (ms: number) => {
    if (!stopped) timer = clock.setTimeout(run, ms)
  }

  async function sweep(): Promise<void> {
    const limit = isoTime(clock.now() - hours * HOUR_MS)
    const page = await queries.list(SWEEPER, {
      status: ["completed", "incomplete"],
      started_before: limit,
      limit: BATCH,
      ...(before !== undefined && { before }),
    })
    if (!page.ok) {
      logger.warn({ code: page.error.code }, "couldn't read old demo runs; retrying later")
      return schedule(EVERY_MS)
    }
    // A run that started long ago may have ended recently. It isn't deleted, so the next page starts after it.
    before = page.next
    for (const { run_id, ended_at } of page.runs)
      if ((ended_at ?? limit) < limit) await registry.delete(SWEEPER, { run_id })
    schedule(page.next === undefined ? EVERY_MS : PAUSE_MS)
  }

  function run(): void {
    sweep().catch((error) => {
      logger.warn({ err: redactError(error) }, "couldn't delete old demo runs; retrying later")
      schedule(EVERY_MS)
    })
  }

  schedule(FIRST_MS)
  return () => {
    stopped = true
    clock.clearTimeout(timer)
  }
}
