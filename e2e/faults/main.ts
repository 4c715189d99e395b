import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { fileJournal } from "@/e2e/kit/model/journal"
import { chooseSeed, type SeededRandom, seededRandom } from "@/e2e/kit/seededRandom"
import { type RunningServer, startServer } from "@/e2e/server"
import { LONG_RUNS, type LongRun } from "./longRuns"

// The long fault tests: `node scripts/faults.mjs [name …] [--rounds n] [--minutes m] [--seed s]`.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "200" },
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    list: { type: "boolean", default: false },
  },
})

const names = positionals.length > 0 ? positionals : Object.keys(LONG_RUNS)
const seed = chooseSeed(values.seed === undefined ? undefined : Number(values.seed))
const say = (text: string) => process.stderr.write(`${text}\n`)

async function runOne(name: string, run: LongRun): Promise<boolean> {
  const reason = run.skip?.()
  if (reason) {
    say(`${name}: skipped, ${reason}`)
    return true
  }
  const folder = mkdtempSync(join(tmpdir(), "turnline-fault-"))
  const random: SeededRandom = seededRandom(seed).fork(name)
  const started = performance.now()
  let server: RunningServer | undefined
  try {
    const { faults, report } = await run.run({
      random,
      rounds: Number(values.rounds),
      minutes: Number(values.minutes),
      folder,
      journal: () => fileJournal(join(folder, "journal")),
      say: (text) => say(`  ${text}`),
      start: async (env = {}, parent) => {
        server = await startIn(parent, env)
        return server
      },
    })
    const seconds = Math.round((performance.now() - started) / 1000)
    process.stdout.write(
      `${faults.length === 0 ? "held" : "BROKEN"}  ${name} (${seconds} s) ${JSON.stringify(report)}\n`,
    )
    for (const fault of faults.slice(0, 20)) process.stdout.write(`        ${fault}\n`)
    return faults.length === 0
  } catch (error) {
    process.stdout.write(`BROKEN  ${name}: ${error instanceof Error ? error.stack : error}\n`)
    if (server) say(server.log().slice(-2_000))
    return false
  } finally {
    await server?.dispose()
    run.after?.()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts the product with its data in one of this run's folders. */
async function startIn(parent: string | undefined, env: Record<string, string>): Promise<RunningServer> {
  if (parent === undefined) return startServer(env)
  const before = process.env.TMPDIR
  process.env.TMPDIR = parent
  try {
    return await startServer(env)
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

if (values.list) {
  for (const [name, run] of Object.entries(LONG_RUNS)) process.stdout.write(`${name}  ${run.what}\n`)
  process.exit(0)
}

let broken = 0
for (const name of names) {
  const run = LONG_RUNS[name]
  if (!run) {
    say(`Unknown fault test ${name}. --list prints their names.`)
    process.exit(2)
  }
  say(`── ${name}: ${run.what}`)
  if (!(await runOne(name, run))) broken++
}
process.exit(broken === 0 ? 0 : 1)
