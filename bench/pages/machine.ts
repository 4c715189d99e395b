import { readdirSync, readFileSync } from "node:fs"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"

const RESOLUTION_MS = 10

/** Returns the CPU seconds that were used since this machine started, and the CPU seconds that were available. */
function machineSeconds(): { busy: number; all: number } {
  const line = readFileSync("/proc/stat", "utf8").split("\n")[0] ?? ""
  const parts = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const all = parts.reduce((sum, part) => sum + part, 0) / 100
  const idle = ((parts[3] ?? 0) + (parts[4] ?? 0)) / 100
  return { busy: all - idle, all }
}

type Process = { parent: number; seconds: number }

/** Returns all processes by PID, each with its parent and its CPU time, including that of its ended children. */
function processes(): Map<number, Process> {
  const found = new Map<number, Process>()
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue
    try {
      const fields = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")
      const used = [11, 12, 13, 14].map((at) => Number(fields[at]) || 0)
      const seconds = used.reduce((sum, ticks) => sum + ticks, 0) / 100
      found.set(Number(name), { parent: Number(fields[1]), seconds })
    } catch {
      // The process has ended in the meantime.
    }
  }
  return found
}

type Own = { seconds: number; ran: number; waited: number }

/**
 * Sums over this process and its descendants, in seconds: the CPU time including ended children, and how long their
 * current threads have run and have waited for a CPU.
 */
function ownTimes(): Own {
  const all = processes()
  const own = { seconds: 0, ran: 0, waited: 0 }
  for (const [pid, { seconds }] of all) {
    if (!descends(pid, all)) continue
    own.seconds += seconds
    try {
      for (const task of readdirSync(`/proc/${pid}/task`)) {
        const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8")
          .split(" ")
          .map(Number)
        own.ran += ran / 1e9
        own.waited += waited / 1e9
      }
    } catch {
      // The process has ended in the meantime, or this kernel has no scheduler statistics.
    }
  }
  return own
}

function descends(pid: number, processes: ReadonlyMap<number, Process>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = processes.get(at)?.parent)
    if (at === process.pid) return true
  return false
}

/** How much other programs disturbed a measurement. */
export type Disturbance = {
  /** Share of all CPUs that other programs used, 0 to 1; 0 if unknown. */
  others: number
  /** Share of the time that our threads waited for a CPU, 0 to 1. They also wait for each other. */
  waited: number
  /** Event-loop delay of this process: 99th percentile, ms. */
  lateMs: number
}

/** Measures disturbances until `stop` is called. */
export function watchMachine(): { stop(): Disturbance } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const before = onLinux ? { machine: machineSeconds(), own: ownTimes() } : undefined
  return {
    stop() {
      delay.disable()
      const lateMs = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS)
      if (before === undefined) return { others: 0, waited: 0, lateMs }
      const machine = machineSeconds()
      const own = ownTimes()
      const used = own.seconds - before.own.seconds
      const others = (machine.busy - before.machine.busy - used) / (machine.all - before.machine.all)
      const waited = own.waited - before.own.waited
      const share = waited / (waited + own.ran - before.own.ran)
      return { others: bounded(others), waited: bounded(share), lateMs }
    },
  }
}

const bounded = (share: number) => Math.min(1, Math.max(0, share || 0))

const onLinux = process.platform === "linux"

/** Waits until other programs use at most this share of the CPUs, but not longer than `maxMs`. */
export async function waitUntilIdle(maxMs: number, share: number): Promise<void> {
  const end = performance.now() + maxMs
  while (onLinux && performance.now() < end) {
    const watch = watchMachine()
    await sleep(1_000)
    if (watch.stop().others <= share) return
  }
}
