import { setTimeout as sleep } from "node:timers/promises"
import { slope } from "@/bench/statistics"
import { residentBytes } from "@/e2e/kit/processMemory"
import { withOurs } from "./memory"
import { brief, type Row } from "./Row"

const MIB = 1024 * 1024
const SAMPLE_MS = 30_000
const COLLECTED_MS = 1_000

const stormRow: Row = {
  id: "storm",
  what: "a crash with 1,000 viewers and 50 agents: time until all are back; p99 of acknowledgements in that time",
  goal: "≤ 30 s; < 1 s",
  run: ({ quick }) =>
    withOurs(1, async (peer, [load]) => {
      if (!load) throw new Error("no load process")
      const viewers = quick ? 200 : 1_000
      const storming = load.run("storm", peer.address, {
        viewers,
        agents: 50,
        turnBytes: 2_000,
        afterMs: 5_000,
      })
      const { signals } = load
      await signals.received("attached")
      await sleep(3_000)
      await peer.crashAndRestart()
      signals.send("restarted")
      const { result, loopDelayMs } = await storming
      const isVoid = loopDelayMs > 50
      return {
        ours: `${brief(result.backAllMs / 1_000)} s; ${brief(result.ackP99Ms)} ms`,
        met: isVoid ? undefined : result.backAllMs <= 30_000 && result.ackP99Ms < 1_000,
        note: `half of them after ${brief(result.back50Ms / 1_000)} s, 95 % after ${brief(result.back95Ms / 1_000)} s`,
      }
    }),
}

const soakRow: Row = {
  id: "soak",
  what: "500 runs × 2 viewers, 500 turns/s: slope of the RSS after garbage collection; p99 of each third",
  goal: "≤ 1 MB/h; flat",
  byNameAlone: true,
  run: ({ minutes, say }) =>
    withOurs(1, async (peer, [load]) => {
      if (!load) throw new Error("no load process")
      const points: { x: number; y: number }[] = []
      let highest = 0
      const began = performance.now()
      const timer = setInterval(async () => {
        highest = Math.max(highest, residentBytes(peer.pid) / MIB)
        // Uncollected garbage makes the heap vary by a fifth, which would hide a slope.
        process.kill(peer.pid, "SIGUSR2")
        await sleep(COLLECTED_MS)
        const point = { x: (performance.now() - began) / 3_600_000, y: residentBytes(peer.pid) / MIB }
        points.push(point)
        say(`${brief(point.x * 60)} min: ${brief(point.y)} MiB`)
      }, SAMPLE_MS)
      const { result, loopDelayMs } = await load.run("paced", peer.address, {
        runs: 500,
        viewersPerRun: 2,
        turnsPerSecond: 1,
        turnBytes: 2_000,
        warmMs: 10_000,
        forMs: minutes * 60_000,
      })
      clearInterval(timer)
      // The first third is warm-up: caches fill and code is compiled.
      const settled = points.slice(Math.floor(points.length / 3))
      const perHour = slope(settled)
      // Over a few minutes, a leak looks the same as a cache that is filling up.
      const isVoid = loopDelayMs > 50 || minutes < 10
      const thirds = result.viewP99MsOfThirds.map(brief).join(", ")
      return {
        ours: `${brief(perHour)} MiB/h; view ${thirds} ms, ack ${brief(result.ackP99Ms)} ms`,
        met: isVoid ? undefined : perHour <= 1 && result.delivered === result.expected,
        note: `${minutes} min; ${result.delivered} of ${result.expected} delivered; ${brief(points.at(-1)?.y ?? 0)} MiB at the end, ${brief(highest)} before a collection`,
      }
    }),
}

/** Rows that take minutes. */
export const ENDURANCE_ROWS: Row[] = [stormRow, soakRow]
