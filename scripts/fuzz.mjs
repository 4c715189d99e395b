// Fuzz tests:
// `npm run fuzz -- [--minutes 60] [--seed n]` sends random data to a server.
// `npm run fuzz -- --seeds 20000 [--first n]` simulates writers, viewers and crashes in memory, once per seed.
// `npm run fuzz -- --cluster --seeds 5000 [--first n] [--processes 2] [--real 50]` simulates several nodes on PostgreSQL in
// virtual time. The first `--real` seeds (default: one in a hundred of all) then also run in real time with sockets, which
// takes some seconds each.
import { join } from "node:path"
import { ensurePostgres, ROOT, run, say } from "./setup.mjs"

const option = (name) => {
  const at = process.argv.indexOf(name)
  return at === -1 ? undefined : Number(process.argv[at + 1])
}

const isCluster = process.argv.includes("--cluster")
const seeds = option("--seeds") ?? (isCluster ? 1_000 : undefined)
if (seeds !== undefined) {
  const first = option("--first") ?? Math.floor(Math.random() * 2 ** 31)
  if (!(seeds > 0) || !(first >= 0)) {
    say("--seeds and --first must be whole numbers.")
    process.exit(2)
  }
  say(`seeds ${first} to ${first + seeds - 1}`)
  process.exit(
    await (isCluster
      ? runClusterSeeds(seeds, first)
      : runSeeds("server/fanout", { FUZZ_SEEDS: seeds }, first)),
  )
}

process.argv.splice(2, 0, "T38")
if (option("--minutes") === undefined) process.argv.push("--minutes", "60")
await import("./faults.mjs")

/** Runs seeds as tests. Returns the exit code. */
async function runSeeds(folder, env, first) {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs")
  const { code } = await run(process.execPath, [vitest, "run", `${folder}/fuzz.test.ts`, "--testTimeout=0"], {
    quiet: false,
    env: { ...env, FUZZ_FIRST_SEED: first },
  })
  return code
}

async function runClusterSeeds(seeds, first) {
  await ensurePostgres()
  const processes = option("--processes")
  const args = [
    "--seeds",
    seeds,
    "--first",
    first,
    ...(processes === undefined ? [] : ["--processes", processes]),
  ]
  const main = join(ROOT, "e2e/cluster/virtual/main.ts")
  const { code } = await run(process.execPath, ["--import", "tsx", main, ...args.map(String)], {
    quiet: false,
  })
  const real = option("--real") ?? Math.ceil(seeds / 100)
  if (real === 0) return code
  const env = { FUZZ_CLUSTER_SEEDS: 0, FUZZ_CLUSTER_REAL_SEEDS: real }
  return (await runSeeds("server/cluster", env, first)) || code
}
