import { readFileSync } from "node:fs"

/** Returns the resident memory of a process in bytes, as reported by Linux; NaN without /proc. */
export function residentBytes(pid: number): number {
  try {
    const line = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB/m)
    return Number(line?.[1] ?? Number.NaN) * 1024
  } catch {
    return Number.NaN
  }
}

/** Returns the CPU seconds that a process has used. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Samples a process's resident memory until `stop`, which returns the maximum in bytes. */
export function watchMemory(pid: number, everyMs = 100): { peak(): number; stop(): number } {
  let peak = residentBytes(pid)
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid))
  }, everyMs)
  return {
    peak: () => peak,
    stop: () => {
      clearInterval(timer)
      return Math.max(peak, residentBytes(pid))
    },
  }
}
