import { join } from "node:path"
import type { CheckReport } from "@/e2e/kit/model/checkStore"
import type { Journal } from "@/e2e/kit/model/journal"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { RunningServer } from "@/e2e/server"
import { DEFAULT_LIMITS } from "@/lib/protocol/limits"
import { clockEnv, clockJumps } from "./clockJumps"
import { copyAtInstants } from "./copyAtInstant"
import { crashLoop } from "./crashLoop"
import { cutWires } from "./cuts"
import { canMount, diskFull, mountSmallDisk, type SmallDisk } from "./diskFull"
import { ackFlood, connectFlood, oversize } from "./floods"
import { frameFuzz } from "./frameFuzz"
import { canTrace, fsyncBeforeAck } from "./fsyncBeforeAck"
import { canSplitNetworks, type FarNetwork, halfOpen, makeFarNetwork } from "./halfOpen"
import { idleSockets } from "./idleSockets"
import type { ServerProbe } from "./probeServer"
import { canLoop, type LoopDisk, makeLoopDisk, readOnlyDisk } from "./readOnlyDisk"
import { restartStorm } from "./restartStorm"
import { slowLoris } from "./slowLoris"
import { slowReaders } from "./slowReaders"
import { stalledReaders } from "./stalledReaders"
import { subscribeEdge } from "./subscribeEdge"

const MIB = 1024 * 1024

type LongContext = {
  random: SeededRandom
  rounds: number
  minutes: number
  /** A folder that is deleted afterwards. */
  folder: string
  journal(): Journal
  say(text: string): void
  /** Starts the product. `parent`: where to create its data directory. */
  start(env?: Record<string, string>, parent?: string): Promise<RunningServer>
}
type LongResult = { faults: string[]; report: unknown }
export type LongRun = {
  what: string
  /** Returns why the test can't run on this machine, or undefined if it can. */
  skip?: () => string | undefined
  run(context: LongContext): Promise<LongResult>
  after?: () => void
}

/** Returns a check's faults as sentences, and its report without the lists. */
function checked(report: CheckReport, ...more: (string | false)[]): LongResult {
  const { examples, ...rest } = report
  const { stored: _, ...slim } = rest as typeof rest & { stored?: unknown }
  const counted = Object.entries(report.faults).filter(([, count]) => count > 0)
  return {
    faults: [
      ...counted.map(([fault, count]) => `${fault}: ${count}`),
      ...examples,
      ...more.filter((fault) => fault !== false),
    ],
    report: slim,
  }
}

/** Describes what a server that can't commit should still have done, but didn't. */
const probeFaults = ({ readable, alive, ready }: ServerProbe) => [
  !readable && "nothing can be read in the meantime",
  !alive && "/healthz fails in the meantime",
  ready !== 503 && `/readyz returns ${ready} in the meantime`,
]
const found = (...faults: (string | false)[]) => faults.filter((fault) => fault !== false)
const percentile = (values: number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

let disk: SmallDisk | undefined
let loop: LoopDisk | undefined
let far: FarNetwork | undefined

/** All long fault tests, by the id of their fault. */
export const LONG_RUNS: Record<string, LongRun> = {
  T1: {
    what: "repeated kill -9 under 20 agents and several subscribers",
    async run({ random, rounds, start, journal, say }) {
      const target = await start()
      const report = await crashLoop({
        target,
        random,
        rounds,
        agents: 20,
        viewers: 4,
        followChance: 0.3,
        upMs: [200, 5_000],
        inspectEvery: 10,
        plan: { paceMs: [50, 400], bytes: [0, 600], batchesPerRun: [10, 80] },
        journal: journal(),
        onRound: (round, acked) => {
          if (round % 10 === 9) say(`round ${round + 1}: ${acked} turns acknowledged`)
        },
      })
      const { restartMs, integrity, ...rest } = report
      const bad = integrity.filter((verdict) => verdict !== "ok")
      const result = checked(rest, bad.length > 0 && `integrity_check: ${bad[0]}`)
      const restart = { p50: percentile(restartMs, 0.5), p99: percentile(restartMs, 0.99) }
      return { ...result, report: { ...(result.report as object), restartMs: restart } }
    },
  },
  T2: {
    what: "the log is flushed between any two acknowledgements",
    skip: () => (canTrace() ? undefined : "strace and root are required"),
    async run({ start }) {
      const report = await fsyncBeforeAck({ target: await start(), appends: 1_000 })
      return {
        report,
        faults: found(
          report.acks < 1_000 && `only ${report.acks} acknowledgements were seen`,
          report.unflushed > 0 && `${report.unflushed} acknowledgements without a flush`,
        ),
      }
    },
  },
  T3: {
    what: "copies of database and log at random instants, intact and with the last transaction damaged",
    async run({ random, rounds, start }) {
      const report = await copyAtInstants({ target: await start(), random, copies: rounds, agents: 10 })
      return { report, faults: [...report.faults, ...found(report.damaged === 0 && "nothing was damaged")] }
    },
  },
  T4: {
    what: "a full disk",
    skip: () => (canMount() ? undefined : "root is required to mount a small disk"),
    async run({ random, start }) {
      disk = mountSmallDisk(24)
      const report = await diskFull({ target: await start({}, disk.path), disk, random })
      return checked(
        report,
        ...probeFaults(report),
        report.recoveryMs > 2_000 && `recovery takes ${Math.round(report.recoveryMs)} ms`,
      )
    },
    after: () => {
      disk?.unmount()
      disk = undefined
    },
  },
  T5: {
    what: "a disk that goes read-only",
    skip: () => (canLoop() ? undefined : "root, losetup and mkfs.ext4 are required"),
    async run({ random, start }) {
      loop = makeLoopDisk(256)
      const report = await readOnlyDisk({ target: await start({}, loop.path), disk: loop, random })
      return checked(
        report,
        report.ackedMeanwhile > 0 && `${report.ackedMeanwhile} turns were acknowledged in the meantime`,
        ...probeFaults(report),
      )
    },
    after: () => {
      loop?.remove()
      loop = undefined
    },
  },
  T12: {
    what: "connections that are cut every 0.2 to 3 s",
    async run({ random, minutes, start }) {
      const report = await cutWires({
        target: await start(),
        random,
        agents: 20,
        viewers: 100,
        followChance: 0.1,
        forMs: minutes * 60_000,
        cutMs: [200, 3_000],
        plan: { paceMs: [100, 600], batch: [1, 8], batchesPerRun: [20, 200] },
      })
      const result = checked(report)
      if (report.cuts === 0) result.faults.push("no connection was cut")
      return result
    },
  },
  T13: {
    what: "subscribing during appends, 500 times a round",
    async run({ random, rounds, start }) {
      const target = await start({ TURNLINE_MAX_TURNS_PER_RUN: "1000000" })
      const report = await subscribeEdge({
        target,
        random,
        subscriptions: rounds * 500,
        mostTurns: 999_000,
      })
      return { report, faults: report.violations }
    },
  },
  T14: {
    what: "20 viewers stopped for a minute, or as many minutes as requested",
    async run({ minutes, start }) {
      const report = await stalledReaders({
        // One connection publishes to all runs, faster than the default rate limit allows.
        target: await start({ TURNLINE_RATE_PER_SOCKET: "1000000" }),
        readers: 20,
        turns: 250,
        minStallMs: minutes * 60_000,
      })
      return {
        report,
        faults: [
          ...report.violations,
          ...found(
            !report.healthyComplete && "healthy viewers don't have all turns",
            !report.stalledComplete && "stopped viewers don't have all turns after they resume",
            report.growthBytes > 64 * MIB && `it grew by ${Math.round(report.growthBytes / MIB)} MiB`,
          ),
        ],
      }
    },
  },
  T16: {
    what: "10 viewers at 32 KiB/s each for a minute, or as many minutes as requested",
    async run({ random, minutes, start }) {
      const report = await slowReaders({
        target: await start(),
        random,
        readers: 10,
        turns: 1_000,
        bytesPerSecond: 32 * 1024,
        slowMs: minutes * 60_000,
      })
      return {
        report,
        faults: [
          ...report.violations,
          ...found(
            !report.complete && "slow viewers don't have all turns",
            report.mostQueuedBytes > 10 * MIB && `${report.mostQueuedBytes} bytes were queued`,
          ),
        ],
      }
    },
  },
  T17: {
    what: "a connection that goes dead silently",
    skip: () => (canSplitNetworks() ? undefined : "root and network namespaces are required"),
    async run({ start }) {
      far = makeFarNetwork()
      const report = await halfOpen({ target: await start(far.env), far, readers: 20 })
      return {
        report,
        faults: [
          ...report.violations,
          ...found(
            report.serverNoticedMs > 45_000 && "the server took more than 45 s to notice",
            report.readersNoticedMs > 45_000 && "viewers took more than 45 s to notice",
            !report.complete && "remote viewers don't have all turns",
          ),
        ],
      }
    },
    after: () => {
      far?.remove()
      far = undefined
    },
  },
  T26: {
    what: "a wall clock that jumps by hours",
    async run({ random, folder, start }) {
      const offsetFile = join(folder, "offset")
      const target = await start(clockEnv(offsetFile))
      const report = await clockJumps({ target, random, offsetFile, jumps: 30 })
      return checked(
        report,
        report.incomplete > 0 && `${report.incomplete} runs ended early`,
        report.timesBack > 0 && `${report.timesBack} times are before that of an earlier turn`,
      )
    },
  },
  T30: {
    what: "10,000 idle connections",
    async run({ minutes, start }) {
      const report = await idleSockets({ target: await start(), sockets: 10_000, forMs: minutes * 60_000 })
      return {
        report,
        faults: found(
          report.dropped > 0 && `${report.dropped} were dropped`,
          report.bytesPerSocket > 30 * 1024 && `${Math.round(report.bytesPerSocket)} bytes each`,
          report.processorShare > 0.05 && `heartbeats take ${report.processorShare} of a core`,
        ),
      }
    },
  },
  T33: {
    what: "a restart under 500 viewers and 50 agents, by SIGKILL and gracefully",
    async run({ random, start }) {
      const target = await start()
      const storm = { target, random, agents: 50, viewers: 500 }
      const killed = await restartStorm({ ...storm, politely: false })
      const polite = await restartStorm({ ...storm, random: random.fork("polite"), politely: true })
      const late = [killed, polite].some((report) => report.allBackMs > 30_000)
      const ended = killed.incomplete + polite.incomplete
      const first = checked(killed)
      const second = checked(
        polite,
        late && "not all had reconnected within 30 s",
        ended > 0 && `${ended} runs ended`,
      )
      return {
        faults: [...first.faults, ...second.faults],
        report: { killed: first.report, polite: second.report },
      }
    },
  },
  T34: {
    what: "2,000 connections of each kind that never make progress",
    async run({ start }) {
      const report = await slowLoris({ target: await start(), each: 2_000, freedWithinMs: 60_000 })
      const left = Object.entries(report.left).filter(([, count]) => count > 0)
      return {
        report,
        faults: [
          ...found(!report.served && "a new client was not served"),
          ...left.map(([kind, count]) => `${count} ${kind} were never disconnected`),
        ],
      }
    },
  },
  T36: {
    what: "messages over every limit",
    async run({ start }) {
      const report = await oversize(await start(), DEFAULT_LIMITS.maxMessageBytes)
      return { report, faults: report.filter(({ closeCode }) => closeCode <= 0).map(({ what }) => what) }
    },
  },
  T38: {
    what: "frames that violate the protocols of engine.io, Socket.IO and Turnline",
    async run({ random, minutes, start, say }) {
      const end = performance.now() + minutes * 60_000
      const report = await frameFuzz({
        target: await start({ TURNLINE_LOG_LEVEL: "error" }),
        random,
        until: (connections) => {
          if (connections % 2_000 === 0) say(`${connections} connections`)
          return performance.now() > end
        },
      })
      return {
        report,
        faults: found(
          !report.survived && "the server, or the good client's connection, did not survive",
          report.leaked > 0 && `${report.leaked} connections were leaked`,
        ),
      }
    },
  },
  T39: {
    what: "1,000 CONNECTs on one connection",
    async run({ start }) {
      const report = await connectFlood(await start(), 1_000)
      return {
        report,
        faults: found(
          report.sockets > 1 && `${report.sockets} sockets`,
          report.refused > 1 && `${report.refused} got a reply`,
          !report.closed && "the connection stayed open",
        ),
      }
    },
  },
  T40: {
    what: "a burst of 20,000 commands on one connection",
    async run({ start }) {
      const report = await ackFlood(await start(), 20_000)
      const { othersMs, ...rest } = report
      return {
        report: { ...rest, othersP99Ms: percentile(othersMs, 0.99) },
        faults: found(
          report.ok < 20_000 && `only ${report.ok} were executed`,
          report.growthBytes > 64 * MIB && `it grew by ${Math.round(report.growthBytes / MIB)} MiB`,
        ),
      }
    },
  },
}
