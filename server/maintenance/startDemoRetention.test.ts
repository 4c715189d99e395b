import { pino } from "pino"
import { expect, test } from "vitest"
import { anOwner, aPrincipal } from "@/lib/testing/builders"
import { registryWorld } from "@/lib/testing/registryWorld"
import { startDemoRetention } from "./startDemoRetention"

const HOUR_MS = 3_600_000
const everybody = aPrincipal()

test("ended demo runs past retention are deleted; live runs, newer runs and those of other agents aren't", async () => {
  const { registry, queries, clock } = registryWorld()
  const logger = pino({ level: "silent" })
  await registry.open()
  const start = async (agent_id: string) => {
    const started = await registry.start(anOwner(), everybody, { agent_id, intent: agent_id })
    if (!started.ok) throw new Error(started.error.message)
    return started.run_id
  }
  const end = (run_id: string) =>
    registry.complete(anOwner(), everybody, { run_id, outcome: { status: "done" } })
  const old = await Promise.all(Array.from({ length: 120 }, (_, at) => start(`demo/old-${at}`)))
  const [live, long, other] = [await start("demo/live"), await start("demo/long"), await start("coder")]
  for (const run_id of [...old, other]) await end(run_id)
  await clock.advanceAsync(7 * HOUR_MS)
  await end(long)
  const fresh = await start("demo/fresh")
  await end(fresh)

  const stop = startDemoRetention({ registry, queries, clock, hours: 6, logger })
  await clock.advanceAsync(120_000)
  const page = await queries.list(everybody, { limit: 200 })
  if (!page.ok) throw new Error(page.error.message)
  expect(new Set(page.runs.map((run) => run.run_id))).toEqual(new Set([live, long, other, fresh]))

  await clock.advanceAsync(7 * HOUR_MS)
  const later = await queries.list(everybody, { limit: 200 })
  if (!later.ok) throw new Error(later.error.message)
  expect(new Set(later.runs.map((run) => run.run_id))).toEqual(new Set([live, other]))
  stop()
})
