import { type ClusterSeedReport, playSeed } from "@/e2e/cluster/fuzz/runClusterSeed"
import { takeStep } from "@/e2e/cluster/fuzz/steps"
import { seededRandom } from "@/e2e/kit/seededRandom"
import type { VirtualDatabase } from "./database/VirtualDatabase"
import { VirtualWorld } from "./VirtualWorld"
import { VIRTUAL_STEPS } from "./virtualSteps"
import { whenCalm } from "./whenCalm"

/**
 * A node notices within 3 s that notifications don't arrive, and then opens another connection for them. Less than the
 * interval of polls that find everything.
 */
const LISTS_AGREE_MS = 4_500

/** Like `runClusterSeed`, but in virtual time, with clients in this process and a database that earlier seeds used. */
export async function runVirtualSeed(seed: number, database: VirtualDatabase): Promise<ClusterSeedReport> {
  const random = seededRandom(seed)
  const world = new VirtualWorld(database, random)
  await database.begin(world.time)
  return world.time.run(
    playSeed(world, random, {
      takeStep: () => takeStep(world, random, VIRTUAL_STEPS),
      concurrentSteps: 2,
      listsAgreeMs: LISTS_AGREE_MS,
      whenCalm,
    }),
  )
}
