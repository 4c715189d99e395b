import { setTimeout as sleep } from "node:timers/promises"
import type { Fleet } from "@/e2e/kit/model/Fleet"
import type { Journal } from "@/e2e/kit/model/journal"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { type ClusterReport, ClusterWorld, type ClusterWorldOptions } from "./ClusterWorld"

export type ClusterFaultOptions = {
  random: SeededRandom
  rounds: number
  agents?: number
  viewers?: number
  journal?: Journal
  onRound?: (round: number, acked: number) => void
}

export const LEASE_MS = 4_000
/** How long to wait for the cluster to recover, on a machine that may be busy. */
const RECOVERY_MS = 120_000

/** Repeats a fault while agents write and viewers follow through the load balancer, then checks every guarantee. */
export async function underLoad(
  options: ClusterFaultOptions & ClusterWorldOptions,
  fault: (world: ClusterWorld, round: number, fleet: Fleet) => Promise<void>,
): Promise<ClusterReport> {
  const settings = { TURNLINE_LEASE_MS: String(LEASE_MS), ...options.settings }
  const world = new ClusterWorld({ ...options, settings })
  let fleet: Fleet | undefined
  try {
    await world.start()
    fleet = world.fleet({
      random: options.random,
      agents: options.agents ?? 8,
      viewers: options.viewers ?? 4,
      followChance: 0.5,
      plan: { paceMs: [20, 200], bytes: [0, 600], batchesPerRun: [10, 60] },
      ...(options.journal !== undefined && { journal: options.journal }),
    })
    const { acked } = fleet
    fleet.start()
    await fleet.until("the first turns are acknowledged", () => (fleet?.acked ?? 0) > acked, RECOVERY_MS)
    for (let round = 0; round < options.rounds; round++) {
      const before = fleet.acked
      await fault(world, round, fleet)
      await fleet.until("turns are acknowledged again", () => (fleet?.acked ?? 0) > before, RECOVERY_MS)
      options.onRound?.(round, fleet.acked)
    }
    return await world.settle(fleet)
  } catch (error) {
    for (const node of world.nodes) process.stderr.write(`── ${node.name}\n${node.log.slice(-3_000)}\n`)
    throw error
  } finally {
    fleet?.close()
    await world.close()
  }
}

/** T20: a node is killed repeatedly; agents and viewers continue on the others. */
export function nodeKills(options: ClusterFaultOptions): Promise<ClusterReport> {
  const timing = options.random.fork("kills")
  return underLoad({ ...options, nodes: 3 }, async (world, round, fleet) => {
    const node = world.node(round)
    await sleep(timing.int(200, 1_500))
    await node.kill()
    const before = fleet.acked
    await fleet.until("the others take over", () => fleet.acked > before, RECOVERY_MS)
    await node.start()
  })
}

/** T7: the database crashes, or is killed, and recovers. */
export function databaseRestarts(options: ClusterFaultOptions): Promise<ClusterReport> {
  const timing = options.random.fork("restarts")
  return underLoad({ ...options, nodes: 2 }, async (world) => {
    await sleep(timing.int(200, 1_500))
    if (timing.chance(0.5)) world.stopDatabase("immediate")
    else world.killDatabase()
    await sleep(timing.int(0, 500))
    await world.ensureDatabase()
  })
}

/** T21: a node is paused for longer than its lease, then resumed. */
export function sleepingNode(options: ClusterFaultOptions): Promise<ClusterReport> {
  return underLoad({ ...options, nodes: 2 }, async (world, round) => {
    const node = world.node(round)
    node.signal("SIGSTOP")
    world.balancer.drained.add(node.port)
    await sleep(LEASE_MS + 3_000)
    node.signal("SIGCONT")
    world.balancer.drained.delete(node.port)
    await sleep(1_000)
  })
}

/** T22: the listening connections are terminated and blocked. */
export function brokenListeners(options: ClusterFaultOptions): Promise<ClusterReport> {
  return underLoad({ ...options, nodes: 2 }, async (world) => {
    await world.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%listener'",
    )
    await sleep(1_000)
  })
}

/** T23: the database is unavailable for a while. */
export function databaseAway(options: ClusterFaultOptions & { awayMs: number }): Promise<ClusterReport> {
  return underLoad({ ...options, nodes: 2 }, async (world) => {
    world.stopDatabase("fast")
    await sleep(options.awayMs)
    world.startDatabase()
  })
}

/** T27: the nodes are gracefully restarted one after the other, as in a deployment. */
export function rollingRestarts(options: ClusterFaultOptions): Promise<ClusterReport> {
  return underLoad({ ...options, nodes: 3 }, async (world) => {
    for (const node of world.nodes) {
      world.balancer.drained.add(node.port)
      await node.stop()
      await node.start()
      world.balancer.drained.delete(node.port)
      await sleep(500)
    }
  })
}
