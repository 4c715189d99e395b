import { expect, test } from "vitest"
import type { ClusterReport } from "@/e2e/cluster/ClusterWorld"
import {
  brokenListeners,
  type ClusterFaultOptions,
  databaseAway,
  databaseRestarts,
  nodeKills,
  rollingRestarts,
  sleepingNode,
} from "@/e2e/cluster/clusterFaults"
import { cutOffNode, takeOverStorm } from "@/e2e/cluster/moreClusterFaults"
import { isClean } from "@/e2e/kit/model/checkStore"
import { seededRandom } from "@/e2e/kit/seededRandom"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"

const TIMEOUT_MS = 400_000

// These are short versions of the fault tests. `npm run faults -- --cluster` runs the long ones.
describeWithPostgres("faults of nodes and their database, under load", () => {
  const options = (rounds: number): ClusterFaultOptions => ({
    ...{ random: seededRandom(20_260_101), rounds, agents: 3, viewers: 2 },
  })
  const expectClean = (report: ClusterReport) => {
    expect(report.examples).toEqual([])
    expect(isClean(report)).toBe(true)
    expect(report).toMatchObject({ falselyIncomplete: 0, crashes: 0 })
    expect(report.ackedTurns).toBeGreaterThan(0)
  }

  test(
    "T20 I1 I12 I25: a node is killed; its agents and viewers continue on the others",
    { timeout: TIMEOUT_MS },
    async () => expectClean(await nodeKills(options(1))),
  )

  test("T7 I1 I5 I9: the database crashes and recovers", { timeout: TIMEOUT_MS }, async () =>
    expectClean(await databaseRestarts(options(2))),
  )

  test(
    "T21 I27: a node is suspended for longer than its lease and resumed",
    { timeout: TIMEOUT_MS },
    async () => expectClean(await sleepingNode(options(1))),
  )

  test("T22 I24: the listening connections are terminated", { timeout: TIMEOUT_MS }, async () =>
    expectClean(await brokenListeners(options(1))),
  )

  test(
    "T23 I5: the database is unavailable for longer than half a lease",
    { timeout: TIMEOUT_MS },
    async () => expectClean(await databaseAway({ ...options(1), awayMs: 4_000 })),
  )

  test(
    "T24 I12 I27: a node is cut off from the database for longer than its lease",
    { timeout: TIMEOUT_MS },
    async () => expectClean(await cutOffNode(options(1))),
  )

  test("T25 I6: connections on both nodes take over each other's runs", { timeout: TIMEOUT_MS }, async () =>
    expectClean(await takeOverStorm(options(1))),
  )

  test("T27 I23: the nodes are restarted one after the other", { timeout: TIMEOUT_MS }, async () =>
    expectClean(await rollingRestarts(options(1))),
  )
})
