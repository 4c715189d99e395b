import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { once } from "node:events"
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import type { Session } from "@/cli/watch/Session"
import { isAbandoned } from "./isAbandoned"
import { type SessionAccess, SILENCE_MS } from "./Liveness"
import { namedLiveness } from "./namedLiveness"
import { isProgram, type RunningProcess, runningProcesses } from "./runningProcesses"

const NAMES = { tool: "pi", program: "pi", package: "@acme/pi" }

describe("namedLiveness", () => {
  const session = { identity: { key: "pi:s1" }, settled: false, changedAt: 1_000 } as unknown as Session
  const access: SessionAccess = { get: () => undefined, all: () => [session], revive: () => {} }
  const watched = async (isAbandoned: boolean, ...lists: RunningProcess[][]) => {
    const view = { list: () => lists.shift() ?? [], isAbandoned: () => isAbandoned }
    const liveness = namedLiveness(NAMES, access, view)
    while (lists.length > 0) await liveness.check(2_000)
    return liveness
  }
  const checked = (...lists: RunningProcess[][]) => watched(false, ...lists)
  const older = { pid: 1, ticks: 1, startedAt: 500 }
  const newer = { pid: 2, ticks: 2, startedAt: 1_500 }

  it("ends a session once the processes that may have written it are gone", async () => {
    expect((await checked([older])).endOf(session, 2_500)).toBeUndefined()
    expect((await checked([older], [newer])).endOf(session, 2_500)).toEqual({ died: false })
    expect((await checked([older], [])).endOf(session, 1_200)).toBeUndefined()
  })

  it("ends a session whose process was never seen after a long silence", async () => {
    const liveness = await checked([newer], [])
    expect(liveness.endOf(session, 60_000)).toBeUndefined()
    expect(liveness.endOf(session, 1_000 + SILENCE_MS)).toEqual({ died: false })
  })

  it("ends a session whose process was never seen as soon as no process can still write it", async () => {
    const liveness = await watched(true, [])
    expect(liveness.endOf(session, 5_999)).toBeUndefined()
    expect(liveness.endOf(session, 6_000)).toEqual({ died: false })
    expect((await watched(false, [])).endOf(session, 6_000)).toBeUndefined()
  })

  it("doesn't end a session while any process of the tool is running, because it may be waiting for its user", async () => {
    for (const running of [older, newer])
      expect((await watched(true, [running])).endOf(session, 100_000)).toBeUndefined()
  })

  it("doesn't end a session when the clock is set", async () => {
    const later = { ...older, startedAt: older.startedAt + 3_600_000 }
    expect((await checked([older], [later])).endOf(session, 2_500)).toBeUndefined()
    expect((await checked([older], [{ ...later, ticks: 9 }])).endOf(session, 2_500)).toEqual({ died: false })
  })
})

/** Containers whose temporary directory is on another file system can't see all processes that may write to it. */
const seesWriters =
  process.platform === "linux" &&
  (statSync(tmpdir()).dev === statSync("/").dev || readlinkSync("/proc/self/ns/pid") === "pid:[4026531836]")

describe.runIf(seesWriters)("isAbandoned", () => {
  const folder = mkdtempSync(join(tmpdir(), "turnline-abandoned-"))
  const work = join(folder, "work")
  const path = join(folder, "session.jsonl")
  mkdirSync(work)
  writeFileSync(path, "{}\n")
  afterAll(() => rmSync(folder, { recursive: true }))
  const started: ChildProcess[] = []
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL")
  })
  const start = (command: string, args: string[], options: SpawnOptions) => {
    const child = spawn(command, args, { stdio: "ignore", ...options })
    started.push(child)
    return once(child, "spawn")
  }
  const check = (directory: string | undefined = work) => isAbandoned({ path, directory })

  it("is false without a directory, or with one that doesn't exist here", () => {
    expect(check()).toBe(true)
    expect(isAbandoned({ path, directory: undefined })).toBe(false)
    expect(check(join(folder, "elsewhere"))).toBe(false)
    expect(isAbandoned({ path: join(folder, "gone.jsonl"), directory: work })).toBe(false)
  })

  it("is false while a program works in the session's directory, but ignores shells", async () => {
    await start("sh", ["-c", "read line"], { cwd: work, stdio: ["pipe", "ignore", "ignore"] })
    expect(check()).toBe(true)
    await start("sleep", ["60"], { cwd: work })
    await expect.poll(() => check(), { timeout: 30_000 }).toBe(false)
    for (const child of started.splice(0)) child.kill("SIGKILL")
    await expect.poll(() => check(), { timeout: 30_000 }).toBe(true)
  })

  it("is false while a process has the session's file open", async () => {
    const file = openSync(path, "a")
    await start("sleep", ["60"], { cwd: "/", stdio: ["ignore", file, "ignore"] })
    closeSync(file)
    await expect.poll(() => check(), { timeout: 30_000 }).toBe(false)
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
