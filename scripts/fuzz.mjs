// Fuzz tests:
// `npm run fuzz -- [--minutes 60] [--seed n]` sends random data to a server.
// `npm run fuzz -- --seeds 20000 [--first n]` simulates writers, viewers and crashes in memory, once per seed.
// `npm run fuzz -- --cluster --seeds 5000 [--real 50]` simulates several nodes on PostgreSQL in virtual time. The first
// `--real` seeds (default: one in a hundred of all) also run in real time with sockets, which takes some seconds each.
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
  if (isCluster) await ensurePostgres()
  const real = option("--real") ?? Math.ceil(seeds / 100)
  const file = `server/${isCluster ? "cluster" : "fanout"}/fuzz.test.ts`
  const { code } = await run(
    process.execPath,
    [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", file, ...(isCluster ? [] : ["--testTimeout=0"])],
    {
      quiet: false,
      env: {
        ...(isCluster
          ? { FUZZ_CLUSTER_SEEDS: String(seeds), FUZZ_CLUSTER_REAL_SEEDS: String(real) }
          : { FUZZ_SEEDS: String(seeds) }),
        FUZZ_FIRST_SEED: String(first),
      },
    },
  )
  process.exit(code)
}

process.argv.splice(2, 0, "T38")
if (option("--minutes") === undefined) process.argv.push("--minutes", "60")
await import("./faults.mjs")
