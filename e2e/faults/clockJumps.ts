import { writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Connection, LOST } from "@/e2e/kit/Connection"
import type { CheckReport } from "@/e2e/kit/model/checkStore"
import { Fleet, type Target } from "@/e2e/kit/model/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"

const PRELOAD = fileURLToPath(new URL("../kit/clockJump.cjs", import.meta.url))
const HOUR_MS = 3_600_000

/** The environment of a server whose wall clock is shifted by the milliseconds written to `file`. */
export const clockEnv = (file: string) => ({
  NODE_OPTIONS: `--require ${PRELOAD}`,
  CLOCK_OFFSET_FILE: file,
})

export type ClockReport = CheckReport & {
  incomplete: number
  /** Number of turns whose time is before that of an earlier turn of the run. */
  timesBack: number
  /** The server's clock minus the expected time after each jump, ms. Proves that the clock moved. */
  offsets: number[]
}

/**
 * Shifts the server's wall clock by hours in both directions while agents write. No run may end early, and no turn may
 * change its order or go back in time.
 */
export async function clockJumps(options: {
  target: Target
  random: SeededRandom
  offsetFile: string
  jumps: number
}): Promise<ClockReport> {
  const { target, random } = options
  const fleet = new Fleet({
    target,
    random,
    agents: 5,
    viewers: 2,
    followChance: 1,
    plan: { paceMs: [5, 30], batch: [1, 3], batchesPerRun: [2_000, 2_000] },
  })
  const reader = new Connection({ url: target.url, token: target.viewerToken })
  const offsets: number[] = []
  fleet.start()
  try {
    await reader.connected()
    for (let jump = 0; jump < options.jumps; jump++) {
      const offset = (jump % 2 === 0 ? 1 : -1) * random.int(1, 26) * HOUR_MS
      writeFileSync(options.offsetFile, String(offset))
      await sleep(400)
      const page = await reader.ask("runs.list", { limit: 1 })
      if (page === LOST || !page.ok) throw new Error("runs.list got no reply")
      offsets.push(Date.parse(page.server_time) - Date.now())
      // One agent is disconnected, so that a grace period spans the jump.
      random.pick(fleet.agents).connection.cut()
    }
    const report = await fleet.settle()
    let timesBack = 0
    for (const run_id of fleet.runs) timesBack += await countTimesBack(reader, run_id)
    const incomplete = [...report.stored.values()].filter((run) => run.status === "incomplete").length
    return { ...report, incomplete, timesBack, offsets }
  } finally {
    fleet.close()
    reader.close()
  }
}

async function countTimesBack(reader: Connection, run_id: string): Promise<number> {
  const reply = await reader.askWithRetries("runs.get_outline", { run_id, from: 0, limit: 5_000 })
  if (reply === LOST || !reply.ok) throw new Error(`outline of ${run_id}`)
  const times = reply.outline.map((turn) => turn.recorded_at)
  return times.filter((time, at) => at > 0 && time < (times[at - 1] ?? "")).length
}
