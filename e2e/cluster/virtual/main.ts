import { type ChildProcess, fork } from "node:child_process"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { ClusterSeedReport } from "@/e2e/cluster/fuzz/runClusterSeed"
import { removePostgres } from "@/scripts/postgres.mjs"
import { startFuzzPostgres } from "./database/startFuzzPostgres"

// Runs seeds of a simulated cluster in several processes:
// `node --import tsx e2e/cluster/virtual/main.ts --seeds 5000 --first 1 [--processes 2]`.

const WORKER = fileURLToPath(new URL("./seedWorker.ts", import.meta.url))
/** Most objects of a seed are short-lived. More memory for them means less garbage collection. */
const NODE_OPTIONS = ["--import", "tsx", "--max-semi-space-size=32"]
const PROGRESS_MS = 30_000
const MAX_PROBLEMS = 3

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    first: { type: "string", default: "1" },
    processes: { type: "string", default: String(availableParallelism()) },
  },
})
const total = Number(values.seeds)
const first = Number(values.first)
const startedAt = performance.now()
const failed: number[] = []
let begun = 0
let done = 0

const say = (text: string) => process.stdout.write(`${text}\n`)

function sayProgress(): void {
  const seconds = (performance.now() - startedAt) / 1_000
  const rate = done === 0 ? "" : `, ${(seconds / done).toFixed(2)} s per seed`
  say(`${done} of ${total} seeds, ${failed.length} failed${rate}`)
}

function fail(seed: number, problems: readonly string[]): void {
  failed.push(seed)
  say(`seed ${seed} failed:`)
  for (const problem of problems.slice(0, MAX_PROBLEMS)) say(`  ${problem}`)
  say(`  repeat it with: npm run fuzz -- --cluster --seeds 1 --first ${seed}`)
}

/** Runs seeds in a process until none is left, or until the process ends, which fails its seed. */
function runSeeds(url: string): Promise<void> {
  return new Promise((resolve) => {
    const child = fork(WORKER, [url], { execArgv: NODE_OPTIONS })
    let seed: number | undefined
    const next = () => {
      seed = begun < total ? first + begun++ : undefined
      if (seed === undefined) child.disconnect()
      else child.send(seed)
    }
    child.on("message", (message: ClusterSeedReport | "ready") => {
      if (message !== "ready" && seed !== undefined) {
        done += 1
        const problems = [
          ...message.problems,
          ...(message.ackedTurns > 0 ? [] : ["no turn was acknowledged"]),
        ]
        if (problems.length > 0) fail(seed, problems)
      }
      next()
    })
    child.on("exit", (code) => onExit(child, code))
    const onExit = ({ pid }: ChildProcess, code: number | null) => {
      if (seed !== undefined) {
        done += 1
        fail(seed, [`process ${pid} ended with ${code}`])
      }
      resolve()
    }
  })
}

const { folder, url } = await startFuzzPostgres()
const end = () => {
  removePostgres(folder)
  process.exit(failed.length === 0 && done === total ? 0 : 1)
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end)
const progress = setInterval(sayProgress, PROGRESS_MS)
while (begun < total) {
  const processes = Math.min(Number(values.processes), total - begun)
  await Promise.all(Array.from({ length: processes }, () => runSeeds(url)))
}
clearInterval(progress)
sayProgress()
if (failed.length > 0) say(`failed seeds: ${failed.join(" ")}`)
end()
