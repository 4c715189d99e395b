import { parseArgs } from "node:util"
import { isClean } from "@/e2e/kit/model/checkStore"
import { chooseSeed, seededRandom } from "@/e2e/kit/seededRandom"
import type { ClusterReport } from "./ClusterWorld"
import {
  brokenListeners,
  type ClusterFaultOptions,
  databaseAway,
  databaseRestarts,
  nodeKills,
  rollingRestarts,
  sleepingNode,
} from "./clusterFaults"
import {
  connectionsExhausted,
  cutOffNode,
  databaseDiskFull,
  takeOverStorm,
  wrongClocks,
} from "./moreClusterFaults"

// Fault tests with several nodes: `node --import tsx e2e/cluster/main.ts [T20 …] [--rounds n] [--seed s]`.
const RUNS: Record<
  string,
  { what: string; rounds: number; run(options: ClusterFaultOptions): Promise<ClusterReport> }
> = {
  T4: { what: "the database's disk is full (root only)", rounds: 3, run: databaseDiskFull },
  T7: { what: "the database crashes and recovers", rounds: 50, run: databaseRestarts },
  T20: { what: "a node is killed", rounds: 100, run: nodeKills },
  T21: { what: "a node is paused for longer than its lease, then resumed", rounds: 5, run: sleepingNode },
  T22: { what: "the listening connections are terminated", rounds: 10, run: brokenListeners },
  T23: {
    what: "the database is unavailable for 30 s",
    rounds: 1,
    run: (options) => databaseAway({ ...options, awayMs: 30_000 }),
  },
  T24: { what: "a node is cut off from the database", rounds: 10, run: cutOffNode },
  T25: { what: "connections take over each other's runs", rounds: 10, run: takeOverStorm },
  T26: { what: "the clocks of nodes jump", rounds: 20, run: wrongClocks },
  T27: { what: "nodes are restarted one after the other", rounds: 10, run: rollingRestarts },
  connections: { what: "the database has no connections left (T23)", rounds: 3, run: connectionsExhausted },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string" }, seed: { type: "string" }, agents: { type: "string" } },
})
const seed = chooseSeed(values.seed === undefined ? undefined : Number(values.seed))
const names = positionals.length > 0 ? positionals : Object.keys(RUNS)
let broken = 0
for (const name of names) {
  const fault = RUNS[name]
  if (fault === undefined)
    throw new Error(`Unknown fault test ${name}. Choose from ${Object.keys(RUNS).join(", ")}`)
  process.stderr.write(`── ${name}: ${fault.what}\n`)
  const started = performance.now()
  const report = await fault.run({
    random: seededRandom(seed).fork(name),
    rounds: values.rounds === undefined ? fault.rounds : Number(values.rounds),
    ...(values.agents !== undefined && { agents: Number(values.agents) }),
    onRound: (round, acked) => {
      if (round % 5 === 4) process.stderr.write(`  round ${round + 1}: ${acked} turns acknowledged\n`)
    },
  })
  const held = isClean(report) && report.falselyIncomplete === 0 && report.crashes === 0
  if (!held) broken += 1
  const seconds = Math.round((performance.now() - started) / 1_000)
  const { examples, ...figures } = report
  process.stdout.write(`${held ? "held" : "BROKEN"}  ${name} (${seconds} s) ${JSON.stringify(figures)}\n`)
  for (const example of examples.slice(0, 20)) process.stdout.write(`        ${example}\n`)
}
process.exit(broken === 0 ? 0 : 1)
