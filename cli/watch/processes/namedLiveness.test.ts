import { spawn } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Session } from "@/cli/watch/Session"
import { type SessionAccess, SILENCE_MS } from "./Liveness"
import { namedLiveness } from "./namedLiveness"
import { isProgram, type RunningProcess, runningProcesses } from "./runningProcesses"

const NAMES = { tool: "pi", program: "pi", package: "@acme/pi" }

describe("namedLiveness", () => {
  const session = { identity: { key: "pi:s1" }, settled: false, changedAt: 1_000 } as unknown as Session
  const access: SessionAccess = { get: () => undefined, all: () => [session], revive: () => {} }
  const checked = async (...lists: RunningProcess[][]) => {
    const liveness = namedLiveness(NAMES, access, () => lists.shift() ?? [])
    while (lists.length > 0) await liveness.check(2_000)
    return liveness
  }
  const older = { pid: 1, startedAt: 500 }
  const newer = { pid: 2, startedAt: 1_500 }

  it("ends a session once the processes that may have written it are gone", async () => {
    expect((await checked([older])).endOf(session, 2_500)).toBeUndefined()
    expect((await checked([older], [newer])).endOf(session, 2_500)).toEqual({ died: false })
    expect((await checked([older], [])).endOf(session, 1_200)).toBeUndefined()
  })

  it("ends a session whose process was never seen by its silence", async () => {
    const liveness = await checked([newer], [])
    expect(liveness.endOf(session, 60_000)).toBeUndefined()
    expect(liveness.endOf(session, 1_000 + SILENCE_MS)).toEqual({ died: false })
  })
})

describe("isProgram", () => {
  it.each([
    ["pi\0-p\0Go", true],
    ["/usr/local/bin/pi", true],
    ["pi - Shop", true],
    ["node\0--no-warnings\0/usr/bin/pi\0-c", true],
    ["/opt/node/bin/node\0/lib/node_modules/@acme/pi/dist/cli.js", true],
    ["vim\0pi", false],
    ["node\0/srv/app.js\0pi", false],
    ["node\0-e\0pi()", false],
    ["", false],
  ])("%j: %s", (line, expected) => {
    expect(isProgram(line, "pi", "@acme/pi")).toBe(expected)
  })
})

describe.runIf(process.platform === "linux")("runningProcesses", () => {
  it("finds a program while it runs, with the time of its start", async () => {
    const folder = mkdtempSync(join(tmpdir(), "turnline-process-"))
    const program = join(folder, "turnline-test-agent")
    copyFileSync("/bin/sleep", program)
    const before = Date.now()
    const child = spawn(program, ["60"])
    const list = () => runningProcesses("turnline-test-agent", "none")
    await expect.poll(list).toMatchObject([{ pid: child.pid }])
    expect(Math.abs((list()[0]?.startedAt ?? 0) - before)).toBeLessThan(60_000)
    child.kill("SIGKILL")
    await expect.poll(list).toEqual([])
    rmSync(folder, { recursive: true })
  })
})
