import { readdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"

/** `ticks`: the start by the system's own clock. Distinguishes a process from an earlier one with the same id. */
export type RunningProcess = { pid: number; ticks: number; startedAt: number }

/** Linux states start times in hundredths of a second since boot, independent of the wall clock. */
const TICK_MS = 10
const RUNTIMES = /^(node|nodejs|bun|deno)$/

/**
 * Returns the processes that run a program, found by the program's name or its package's name. Returns none on systems
 * without `/proc`.
 */
export function runningProcesses(program: string, packageName: string): RunningProcess[] {
  const boot = bootTime()
  if (boot === undefined) return []
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      if (!isProgram(readFileSync(`/proc/${name}/cmdline`, "utf8"), program, packageName)) return []
      const stat = readFileSync(`/proc/${name}/stat`, "latin1")
      // The command's name is in parentheses and may contain anything.
      const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      if (state === "Z" || state === "X") return []
      const ticks = Number(fields[18])
      return [{ pid: Number(name), ticks, startedAt: boot + ticks * TICK_MS }]
    } catch {
      return []
    }
  })
}

/**
 * Returns true if a command line from `/proc` runs a program: directly, with a runtime, or under a title that the
 * program has set.
 */
export function isProgram(commandLine: string, program: string, packageName: string): boolean {
  const args = commandLine.split(/\0/).filter(Boolean)
  const [first = ""] = args
  const script = RUNTIMES.test(basename(first)) ? args.slice(1).find((arg) => !arg.startsWith("-")) : first
  if (script === undefined) return false
  const name = basename(script.split(" ")[0] ?? "").replace(/\.[cm]?js$/, "")
  return name === program || script.includes(`/${packageName}/`)
}

function bootTime(): number | undefined {
  try {
    const seconds = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "latin1"))?.[1]
    // The boot time has a resolution of one second, so it may have been up to a second earlier.
    return seconds === undefined ? undefined : Number(seconds) * 1_000 - 1_000
  } catch {
    return undefined
  }
}
