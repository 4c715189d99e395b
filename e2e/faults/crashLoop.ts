import { setTimeout as sleep } from "node:timers/promises"
import { copyStore } from "@/e2e/kit/copyStore"
import { type CheckReport, checkStore } from "@/e2e/kit/model/checkStore"
import { Fleet, type FleetOptions, type Target } from "@/e2e/kit/model/Fleet"
import { readSqlite } from "@/e2e/kit/readSqlite"

export type CrashReport = CheckReport & {
  rounds: number
  /** Milliseconds from launch to the printed link, per round. */
  restartMs: number[]
  /** SQLite's integrity check of each copied store. */
  integrity: string[]
  viewerConnects: number
}

/**
 * Repeatedly kills the server with SIGKILL while agents write and viewers follow, then checks every guarantee against
 * the store. `upMs` is how long the server runs in each round. Every `inspectEvery`th crashed store is copied and read
 * without the server.
 */
export async function crashLoop(
  options: Omit<FleetOptions, "target"> & {
    target: Target
    rounds: number
    upMs: [number, number]
    inspectEvery: number
    onRound?: (round: number, acked: number) => void
  },
): Promise<CrashReport> {
  const { target, random, rounds } = options
  const fleet = new Fleet(options)
  const timing = random.fork("crashes")
  const restartMs: number[] = []
  const integrity: string[] = []
  const violations: string[] = []
  fleet.start()
  try {
    for (let round = 0; round < rounds; round++) {
      const before = fleet.acked
      await fleet.until("something is acknowledged", () => fleet.acked > before)
      await sleep(timing.int(...options.upMs))
      await target.crash()
      if (round % options.inspectEvery === 0) {
        const seen = inspectCrashed(target, fleet)
        integrity.push(seen.integrity)
        violations.push(...seen.faults)
      }
      const started = performance.now()
      await target.restart()
      restartMs.push(performance.now() - started)
      options.onRound?.(round, fleet.acked)
    }
    const report = await fleet.settle(60_000)
    report.examples.push(...violations)
    report.faults.violations += violations.length
    const viewerConnects = fleet.viewers.reduce((sum, viewer) => sum + viewer.connection.connects, 0)
    return { ...report, rounds, restartMs, integrity, viewerConnects }
  } finally {
    fleet.close()
  }
}

/** Reads a copy of the crashed store. Everything acknowledged must be in it, before a server has repaired anything. */
function inspectCrashed(target: Target, fleet: Fleet): { integrity: string; faults: string[] } {
  const copy = copyStore(target.dataDir)
  try {
    const { integrity, runs } = readSqlite(copy.database)
    const report = checkStore({ journal: fleet.journal.entries(), stored: runs })
    return { integrity, faults: report.examples }
  } finally {
    copy.remove()
  }
}
