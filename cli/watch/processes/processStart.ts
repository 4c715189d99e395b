import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"

const run = promisify(execFile)

/**
 * Returns when a process started, in the operating system's own format: field 22 of `/proc/<pid>/stat` on Linux, the
 * start time of `ps` elsewhere. Undefined if the process doesn't exist or is a zombie.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return linuxStart(pid)
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return undefined
  }
  try {
    return (await run("ps", ["-o", "lstart=", "-p", String(pid)])).stdout.trim() || undefined
  } catch {
    return undefined
  }
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    // The command's name is in parentheses and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    const [state] = fields
    return state === "Z" || state === "X" ? undefined : fields[19]
  } catch {
    return undefined
  }
}
