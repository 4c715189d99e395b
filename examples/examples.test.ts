import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"

const root = fileURLToPath(new URL("..", import.meta.url))
let server: StartedTurnline
let folder: string

beforeAll(async () => {
  server = await startTurnline()
  folder = await mkdtemp(join(tmpdir(), "turnline-example-"))
  await writeFile(join(folder, "a.txt"), "one\n  // TODO: water the plants\nthree\n")
  await writeFile(join(folder, "b.txt"), "nothing to do\n")
})

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Runs an example to its end. Returns the id of the run whose URL it printed. */
async function runExample(command: string, args: string[]): Promise<string> {
  const child: ChildProcess = spawn(command, [...args, folder], {
    cwd: root,
    env: { ...process.env, TURNLINE_URL: server.url, TURNLINE_TOKEN: server.agentToken },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const output = child.stdout === null ? "" : text(child.stdout)
  const [code] = await once(child, "exit")
  expect(code).toBe(0)
  const [address = ""] = (await output).trim().split("\n")
  expect(address.startsWith(`${server.url}/runs/`)).toBe(true)
  return address.slice(`${server.url}/runs/`.length)
}

const turnsOf = async (runId: string) =>
  (await server.trace(runId)).flatMap((record) => (record.record === "turn" ? [record] : []))

describe("the examples", () => {
  it("agent.ts records a complete trace", async () => {
    const runId = await runExample("node_modules/.bin/tsx", ["examples/agent.ts"])
    const trace = await server.trace(runId)
    expect(trace[0]).toMatchObject({ record: "started", agent_id: "examples/note-finder" })
    const note = { line: 2, text: "// TODO: water the plants" }
    expect(await turnsOf(runId)).toMatchObject([
      { index: 0, kind: "model", message: "I will look at every file." },
      { index: 1, kind: "tool", tool: "list_files", parameters: folder, output: ["a.txt", "b.txt"] },
      { index: 2, tool: "find_notes", parameters: join(folder, "a.txt"), output: [note] },
      { index: 3, tool: "find_notes", parameters: join(folder, "b.txt"), output: [] },
      { index: 4, kind: "model", message: `1 notes in 2 files of ${folder}.`, usage: { input_tokens: 20 } },
    ])
    expect(trace.at(-1)).toMatchObject({
      record: "ended",
      termination: { kind: "outcome", outcome: { status: "success", metrics: { files: 2, notes: 1 } } },
    })
  }, 60_000)

  const python = findPython()
  it.skipIf(python === undefined).each(["agent.py", "agent_socketio.py"])(
    "%s records a complete trace",
    async (example) => {
      const runId = await runExample(python ?? "", [`examples/${example}`])
      const trace = await server.trace(runId)
      expect(trace[0]).toMatchObject({ record: "started", agent_id: "examples/weigher" })
      expect(await turnsOf(runId)).toMatchObject([
        { index: 0, kind: "model", message: "I will weigh every file." },
        {
          index: 1,
          kind: "tool",
          tool: "weigh",
          parameters: { path: join(folder, "a.txt") },
          output: { bytes: 38 },
        },
        { index: 2, tool: "weigh", parameters: { path: join(folder, "b.txt") }, output: { bytes: 14 } },
        { index: 3, kind: "model", message: "The heaviest of 2 files is **a.txt**." },
      ])
      expect(trace.at(-1)).toMatchObject({ record: "ended", termination: { outcome: { status: "success" } } })
    },
    60_000,
  )

  it.skipIf(python === undefined).each(["agent.py", "agent_socketio.py"])(
    "%s exits with an error message if the token is wrong",
    async (example) => {
      const child = spawn(python ?? "", [`examples/${example}`, folder], {
        cwd: root,
        env: { ...process.env, TURNLINE_URL: server.url, TURNLINE_TOKEN: "tl_wrong" },
        stdio: ["ignore", "pipe", "pipe"],
      })
      const [stdout, stderr] = [text(child.stdout), text(child.stderr)]
      expect(await once(child, "exit")).toEqual([1, null])
      expect(await stdout).toBe("")
      expect((await stderr).trim()).toMatch(/refused the connection: .+$/m)
    },
    60_000,
  )
})

/** Returns a Python with the packages that the examples need, or undefined if there is none. */
function findPython(): string | undefined {
  return ["python3", "/usr/bin/python3"].find((command) => {
    try {
      execFileSync(command, ["-c", "import socketio, requests"], { stdio: "ignore" })
      return true
    } catch {
      return false
    }
  })
}
