import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ClusterSeedReport, runClusterSeed } from "@/e2e/cluster/fuzz/runClusterSeed"
import { VirtualDatabase } from "@/e2e/cluster/virtual/database/VirtualDatabase"
import { runVirtualSeed } from "@/e2e/cluster/virtual/runVirtualSeed"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"

// `npm test` always runs the same seeds. `npm run fuzz -- --cluster --seeds 5000` runs others.
const SEEDS = Number(process.env.FUZZ_CLUSTER_SEEDS ?? 30)
const REAL_SEEDS = Number(process.env.FUZZ_CLUSTER_REAL_SEEDS ?? 1)
const FIRST_SEED = Number(process.env.FUZZ_FIRST_SEED ?? 1)
/** Seeds that have found a defect. */
const PINNED_SEEDS: readonly number[] = [1_034, 7_003, 7_012, 7_141, 20_260, 20_613]
const TIMEOUT_MS = 300_000

const seedsOf = (count: number) => Array.from({ length: count }, (_, at) => FIRST_SEED + at)

function check(report: ClusterSeedReport): void {
  expect(report).toMatchObject({ problems: [] })
  expect(report.ackedTurns).toBeGreaterThan(0)
}

describeWithPostgres("a cluster whose nodes die, stall and lose their database", (databases) => {
  test.each(seedsOf(REAL_SEEDS))(
    "T24 I6 I9 I12 I13 I16 I25 I27: seed %i loses nothing, and every view matches the store",
    { timeout: TIMEOUT_MS },
    async (seed) => check(await runClusterSeed(seed, await databases.create())),
  )

  describe.skipIf(SEEDS === 0)("in virtual time", () => {
    let database: VirtualDatabase

    beforeAll(async () => {
      database = await VirtualDatabase.open(await databases.create())
    }, TIMEOUT_MS)

    afterAll(() => database.close())

    test.each([...seedsOf(SEEDS), ...PINNED_SEEDS])(
      "T24 I6 I9 I12 I13 I16 I25 I27 S8: seed %i loses nothing, and changes arrive on all nodes",
      { timeout: TIMEOUT_MS },
      async (seed) => check(await runVirtualSeed(seed, database)),
    )
  })
})
