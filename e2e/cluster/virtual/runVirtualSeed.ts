import { type ClusterSeedReport, playSeed } from "@/e2e/cluster/fuzz/runClusterSeed"
import { takeStep } from "@/e2e/cluster/fuzz/steps"
import { seededRandom } from "@/e2e/kit/seededRandom"
import type { VirtualDatabase } from "./database/VirtualDatabase"
import { VirtualWorld } from "./VirtualWorld"
import { VIRTUAL_STEPS } from "./virtualSteps"
import { whenCalm } from "./whenCalm"

/** Like `runClusterSeed`, but in virtual time, with clients in this process and a database that earlier seeds used. */
export async function runVirtualSeed(seed: number, database: VirtualDatabase): Promise<ClusterSeedReport> {
  const random = seededRandom(seed)
  const world = new VirtualWorld(database, random)
  await database.begin(world.time)
  return world.time.run(
    playSeed(world, random, {
      takeStep: () => takeStep(world, random, VIRTUAL_STEPS),
      concurrentSteps: 2,
      whenCalm,
    }),
  )
}
