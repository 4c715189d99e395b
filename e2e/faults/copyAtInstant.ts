import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { copyStore, type StoreCopy } from "@/e2e/kit/copyStore"
import { lastTransaction } from "@/e2e/kit/lastTransaction"
import { checkStore } from "@/e2e/kit/model/checkStore"
import { Fleet, type Target } from "@/e2e/kit/model/Fleet"
import type { JournalEntry } from "@/e2e/kit/model/journal"
import { readSqlite } from "@/e2e/kit/readSqlite"
import type { SeededRandom } from "@/e2e/kit/seededRandom"

export type CopyReport = {
  copies: number
  /** Extra copies whose last transaction was truncated or altered. */
  damaged: number
  /** Copies whose log contained data that wasn't in the database file yet. */
  withLog: number
  faults: string[]
}

/**
 * Pauses the server (SIGSTOP) at random moments, copies database and log, and resumes it. An intact copy contains
 * everything acknowledged so far. A copy whose last transaction is truncated or altered contains a prefix of complete
 * batches.
 */
export async function copyAtInstants(options: {
  target: Target
  random: SeededRandom
  copies: number
  agents: number
}): Promise<CopyReport> {
  const { target, random } = options
  const fleet = new Fleet({ ...options, viewers: 0, plan: { paceMs: [0, 10] } })
  const timing = random.fork("instants")
  const report: CopyReport = { copies: 0, damaged: 0, withLog: 0, faults: [] }
  fleet.start()
  try {
    for (let number = 0; number < options.copies; number++) {
      await sleep(timing.int(5, 60))
      // Copies are inspected after resuming the server, to keep the pauses short.
      const { whole, damaged, promised } = copyStopped(target, fleet)
      if (existsSync(whole.log) && readFileSync(whole.log).length > 0) report.withLog++
      if (damage(damaged, timing)) report.damaged++
      inspect(whole, promised, `copy ${number}`, report)
      inspect(damaged, undefined, `damaged copy ${number}`, report)
      report.copies++
    }
    await fleet.finish()
  } finally {
    fleet.close()
  }
  return report
}

function copyStopped(target: Target, fleet: Fleet) {
  process.kill(target.pid, "SIGSTOP")
  try {
    const promised = [...fleet.journal.entries()]
    return { whole: copyStore(target.dataDir), damaged: copyStore(target.dataDir), promised }
  } finally {
    process.kill(target.pid, "SIGCONT")
  }
}

/** Truncates the log within its last transaction, or flips one bit there. Returns false if nothing could be damaged. */
function damage(copy: StoreCopy, random: SeededRandom): boolean {
  const last = existsSync(copy.log) ? lastTransaction(copy.log, copy.database) : undefined
  if (!last) return false
  const at = random.int(last.from, last.to - 1)
  if (random.chance(0.5)) truncateSync(copy.log, at)
  else {
    const log = readFileSync(copy.log)
    log.writeUInt8(log.readUInt8(at) ^ (1 << random.int(0, 7)), at)
    writeFileSync(copy.log, log)
  }
  return true
}

function inspect(
  copy: StoreCopy,
  promised: readonly JournalEntry[] | undefined,
  name: string,
  report: CopyReport,
): void {
  try {
    const { integrity, runs } = readSqlite(copy.database)
    if (integrity !== "ok") report.faults.push(`${name}: ${integrity}`)
    const found = checkStore({ journal: promised ?? [], stored: runs })
    report.faults.push(...found.examples.map((example) => `${name}: ${example}`))
  } catch (error) {
    report.faults.push(`${name} does not open: ${error}`)
  } finally {
    copy.remove()
  }
}
