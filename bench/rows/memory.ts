import { setTimeout as sleep } from "node:timers/promises"
import { LoadProcess } from "@/bench/load/LoadProcess"
import { type Peer, startOurs } from "@/bench/peers/startPeer"
import { residentBytes, watchMemory } from "@/e2e/kit/processMemory"
import { measured } from "./compare"
import { brief, type Row } from "./Row"

const MIB = 1024 * 1024
const mib = (bytes: number) => `${brief(bytes / MIB)} MiB`

/** Runs `work` with a new server and `loads` load processes, and stops them all afterwards. */
export async function withOurs<T>(
  loads: number,
  work: (peer: Peer, loads: LoadProcess[]) => Promise<T>,
): Promise<T> {
  const peer = await startOurs()
  const processes = Array.from({ length: loads }, () => new LoadProcess())
  try {
    return await work(peer, processes)
  } finally {
    for (const each of processes) await each.close()
    await peer.stop()
  }
}

function part<T>(list: readonly T[], at: number): T {
  const found = list[at]
  if (found === undefined) throw new Error(`nothing at ${at}`)
  return found
}

const stalledRow: Row = {
  id: "stalled",
  what: "5 stopped readers, 60 MB published to each: RSS growth; others' p99",
  goal: "≤ 20 MB; ≤ 1.2 ×",
  run: (context) =>
    withOurs(2, async (peer, loads) => {
      const [publisher, others] = [part(loads, 0), part(loads, 1)]
      const bytesPerRun = (context.quick ? 10 : 60) * 1e6
      const bytesPerSecond = 12e6
      const forMs = Math.round((5 * bytesPerRun * 1_000) / bytesPerSecond) - 2_500
      const paced = { runs: 4, viewersPerRun: 5, turnsPerSecond: 10, turnBytes: 2_000, warmMs: 1_000, forMs }
      const publishing = publisher.run("publish", peer.address, {
        runs: 5,
        turnBytes: 32_000,
        bytesPerRun,
        bytesPerSecond,
      })
      const { signals } = publisher
      const usual = watchMemory(peer.pid)
      // First the same load with readers that read, as the baseline for memory and for the other viewers' latency.
      const reading = await measured(others, "paced", peer, paced, context)
      await signals.received("published")
      const usualPeak = usual.stop()
      await sleep(1_000)
      const before = residentBytes(peer.pid)
      const memory = watchMemory(peer.pid)
      signals.send("stall")
      const stalled = await measured(others, "paced", peer, paced, context)
      await signals.received("published")
      const peak = memory.stop()
      const growth = peak - before
      signals.send("release")
      await publishing
      const slower = (stalled?.viewP99Ms ?? Number.NaN) / (reading?.viewP99Ms ?? Number.NaN)
      const isVoid = !stalled || !reading
      return {
        // Part of the growth is uncollected garbage, as in the baseline.
        note: `${mib(peak - usualPeak)} more than the peak if all readers read`,
        ours: `${mib(growth)}; ${brief(slower)} × (${brief(stalled?.viewP99Ms ?? Number.NaN)} ms)`,
        met: isVoid ? undefined : growth <= 20e6 && slower <= 1.2,
      }
    }),
}

const unreadRow: Row = {
  id: "unread",
  what: "400 runs.get_trace on a connection that doesn't read: RSS growth",
  goal: "≤ 20 MB",
  run: () =>
    withOurs(1, async (peer, loads) => {
      const load = part(loads, 0)
      const working = load.run("unread", peer.address, {
        calls: 400,
        traceBytes: 2e6,
        turnBytes: 2_000,
        holdMs: 4_000,
      })
      const { signals } = load
      await signals.received("ready")
      await sleep(1_000)
      const before = residentBytes(peer.pid)
      const memory = watchMemory(peer.pid)
      signals.send("stall")
      await signals.received("held")
      const growth = memory.stop() - before
      signals.send("release")
      const { result } = await working
      return {
        ours: mib(growth),
        met: growth <= 20e6,
        note: `another connection got a reply in ${brief(result.answeredMs)} ms`,
      }
    }),
}

const idleRow: Row = {
  id: "idle",
  what: "RSS per idle viewer",
  goal: "≤ 30 KiB",
  run: ({ quick }) =>
    withOurs(1, async (peer, loads) => {
      const load = part(loads, 0)
      const [few, many] = quick ? [500, 1_500] : [1_000, 5_000]
      const holding = load.run("hold", peer.address, { few, many })
      const { signals } = load
      await signals.received("few")
      await sleep(3_000)
      const before = residentBytes(peer.pid)
      signals.send("more")
      await signals.received("many")
      await sleep(3_000)
      const each = (residentBytes(peer.pid) - before) / (many - few)
      signals.send("release")
      const { result } = await holding
      return {
        ours: `${brief(each / 1024)} KiB`,
        met: each <= 30 * 1024 && result.held === many,
        note: `from ${few} to ${many} viewers, each with a subscription`,
      }
    }),
}

/** Rows on the server's memory. */
export const MEMORY_ROWS: Row[] = [stalledRow, unreadRow, idleRow]
