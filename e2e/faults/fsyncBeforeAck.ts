import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Target } from "@/e2e/kit/model/Fleet"
import { RawClient } from "@/e2e/kit/RawClient"
import { waitUntil } from "@/e2e/kit/waitUntil"

/** Whether this machine can trace another process's system calls. */
export const canTrace = () =>
  process.platform === "linux" && spawnSync("strace", ["-V"]).status === 0 && process.getuid?.() === 0

export type FsyncReport = {
  acks: number
  /** Number of observed flushes of the log. */
  flushes: number
  /** Acknowledgements sent without the log being flushed after the preceding acknowledgement. */
  unflushed: number
}

/**
 * Appends one batch at a time under strace and verifies, from the server's system calls, that the log is flushed to
 * disk between any two acknowledgements.
 */
export async function fsyncBeforeAck(options: { target: Target; appends: number }): Promise<FsyncReport> {
  const { target, appends } = options
  const client = await RawClient.open({ port: Number(new URL(target.url).port), token: target.agentToken })
  const folder = mkdtempSync(join(tmpdir(), "turnline-strace-"))
  const output = join(folder, "calls")
  try {
    const started = await client.ask<{ run_id: string }>("runs.start", {
      agent_id: "fsync/1",
      intent: "Flush",
    })
    const tracer = await attach(target.pid, output)
    for (let number = 0; number < appends; number++) {
      const reply = await client.ask<{ ok: boolean }>("runs.record_turns", {
        run_id: started.run_id,
        turns: [{ message: `turn ${number}` }],
      })
      if (!reply.ok) throw new Error(`append ${number}: ${JSON.stringify(reply)}`)
    }
    await detach(tracer)
    return countFlushes(readFileSync(output, "latin1"), started.run_id)
  } finally {
    client.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function attach(pid: number, output: string) {
  const calls = "trace=fdatasync,fsync,write,writev,sendto,sendmsg"
  const tracer = spawn("strace", ["-f", "-y", "-s", "120", "-e", calls, "-o", output, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  let said = ""
  tracer.stderr.on("data", (text) => {
    said += text
  })
  await waitUntil(
    () => `strace is attached: ${said}`,
    () => /attached/.test(said),
  )
  // strace attaches to one thread after the other, but only reports the first, so it gets time for the others.
  await sleep(300)
  return tracer
}

function detach(tracer: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve) => {
    tracer.once("exit", () => resolve())
    tracer.kill("SIGINT")
  })
}

/** Reads strace's lines in order. A flush counts once it has returned. */
function countFlushes(calls: string, run_id: string): FsyncReport {
  const report = { acks: 0, flushes: 0, unflushed: 0 }
  const flushing = new Set<string>()
  let since = 0
  for (const line of calls.split("\n")) {
    const thread = line.split(" ", 1)[0] ?? ""
    if (/f(data)?sync\(\d+<[^>]*-wal>/.test(line)) {
      if (line.includes("unfinished")) flushing.add(thread)
      else if (/= 0$/.test(line)) since++
    } else if (/f(data)?sync resumed/.test(line) && flushing.delete(thread)) since++
    else if (/43\d+\[\{/.test(line) && line.includes("base_index") && line.includes(run_id.slice(0, 8))) {
      report.acks++
      if (since === 0) report.unflushed++
      report.flushes += since
      since = 0
    }
  }
  return report
}
