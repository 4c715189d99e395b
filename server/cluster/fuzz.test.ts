import { expect, test } from "vitest"
import { runClusterSeed } from "@/e2e/cluster/fuzz/runClusterSeed"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"

// `npm test` always runs the same seeds. `npm run fuzz -- --cluster --seeds 100` runs others.
const SEEDS = Number(process.env.FUZZ_CLUSTER_SEEDS ?? 2)
const FIRST_SEED = Number(process.env.FUZZ_FIRST_SEED ?? 1)
const TIMEOUT_MS = 300_000

describeWithPostgres("a cluster whose nodes die, stall and lose their database", (databases) => {
  const seeds = Array.from({ length: SEEDS }, (_, at) => FIRST_SEED + at)
  test.each(seeds)(
    "T24 I6 I9 I12 I13 I16 I25 I27: seed %i loses nothing, and every view matches the store",
    { timeout: TIMEOUT_MS },
    async (seed) => {
      const report = await runClusterSeed(seed, await databases.create())
      expect(report).toMatchObject({ problems: [] })
      expect(report.ackedTurns).toBeGreaterThan(0)
    },
  )
})
