import { type ChildProcess, spawn } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { countSessions, sessionsLine } from "./countSessions"
import { toolDirectories } from "./toolDirectories"

const RUNNING = "00000000-0000-4000-8000-000000000001"
const RECENT = "00000000-0000-4000-8000-000000000002"
const OLD = "00000000-0000-4000-8000-000000000003"
const DAY_MS = 86_400_000

let home: string
let agent: ChildProcess

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "turnline-home-"))
  agent = spawn("sleep", ["60"])
})
afterEach(async () => {
  agent.kill("SIGKILL")
  await rm(home, { recursive: true, force: true })
})

async function write(path: string, text: string, ageMs = 0): Promise<void> {
  const file = join(home, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  const time = (Date.now() - ageMs) / 1000
  await utimes(file, time, time)
}

const count = () => countSessions(toolDirectories(home, undefined), Date.now() - DAY_MS)

test("a machine without coding agents has no sessions", async () => {
  expect(await count()).toEqual({ running: 0, recent: 0 })
})

test("running and recent sessions are counted, old ones and sub-agents aren't", async () => {
  const stat = await readFile(`/proc/${agent.pid}/stat`, "latin1")
  const procStart = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  const session = { pid: agent.pid, sessionId: RUNNING, procStart, status: "idle", cwd: "/srv/shop" }
  await write(`.claude/sessions/${agent.pid}.json`, JSON.stringify(session))
  await write(`.claude/projects/-srv-shop/${RUNNING}.jsonl`, "{}\n", 10 * DAY_MS)
  await write(`.claude/projects/-srv-shop/${RECENT}.jsonl`, "{}\n")
  await write(`.claude/projects/-srv-shop/${RECENT}/subagents/agent-a1.jsonl`, "{}\n")
  await write(`.claude/projects/-srv-shop/${OLD}.jsonl`, "{}\n", 10 * DAY_MS)
  await write(`.codex/sessions/2026/03/01/rollout-2026-03-01T10-00-00-${RECENT}.jsonl`, "{}\n")
  expect(await count()).toEqual({ running: 1, recent: 2 })
})

test("the line has the numbers of running and recent sessions", () => {
  const line = (running: number, recent: number) => sessionsLine({ running, recent }, "turnline")
  expect(line(3, 41)).toBe(
    "Found 3 running and 41 recent agent sessions on this machine. To show them: turnline watch",
  )
  expect(line(0, 1)).toBe("Found 1 recent agent session on this machine. To show it: turnline watch")
  expect(line(0, 0)).toBeUndefined()
})
