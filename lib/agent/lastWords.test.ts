import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { aServer, type TestServer } from "@/lib/testing/aServer"

const root = fileURLToPath(new URL("../..", import.meta.url))
let server: TestServer

beforeEach(async () => {
  server = await aServer()
})
afterEach(() => server.close())

/** Runs an agent with `flushOnExit` in a separate process. Sends `signal` when it prints "ready". */
async function runAgent(script: string, signal?: NodeJS.Signals) {
  const source = `import { connectAgent } from "./lib/agent/connectAgent.ts"
    const agent = connectAgent({ url: "${server.url}", token: "${server.agent}", flushOnExit: true })
    const run = agent.startRun({ agentId: "a", intent: "leave" })
    ${script}`
  const args = ["--import", "tsx", "--input-type=module", "-e", source]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] })
  if (signal !== undefined) {
    await once(child.stdout, "data")
    child.kill(signal)
  }
  const [code, endSignal] = await once(child, "exit")
  const viewer = await server.connect(server.viewer)
  const list = await viewer.emitWithAck("runs.list", {})
  if (!list.ok) throw new Error(list.error.message)
  return { code, endSignal, runs: list.runs }
}

const RECORD = `await run.started(); run.turn({ tool: "x", output: "last words" });`
const WAIT = `console.log("ready"); setTimeout(() => {}, 20_000)`
const INTERRUPTED = { cursor: 1, termination: { outcome: { status: "failure", summary: "interrupted" } } }

describe("with flushOnExit, nothing recorded is lost", () => {
  test("on process.exit", async () => {
    const { code, runs } = await runAgent(`${RECORD} process.exit(7)`)
    expect(code).toBe(7)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test("on process.exit before the connection is established", async () => {
    const { runs } = await runAgent(`run.turn({ tool: "x" }); process.exit(0)`)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test.each(["SIGINT", "SIGTERM"] as const)("on %s, which still ends the process", async (signal) => {
    const { endSignal, runs } = await runAgent(`${RECORD} ${WAIT}`, signal)
    expect(endSignal).toBe(signal)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test("on a signal that the script handles, when its handler exits", async () => {
    const handler = `process.on("SIGTERM", () => setTimeout(() => process.exit(5), 100));`
    const { code, runs } = await runAgent(`${handler} ${RECORD} ${WAIT}`, "SIGTERM")
    expect(code).toBe(5)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test.each([
    ["an uncaught exception", `throw new TypeError("boom")`],
    ["an unhandled rejection", `Promise.reject(new TypeError("boom"))`],
  ])("on %s, which becomes the run's outcome", async (_, crash) => {
    const { code, runs } = await runAgent(`${RECORD} setTimeout(() => { ${crash} })`)
    expect(code).toBe(1)
    expect(runs).toMatchObject([
      {
        cursor: 1,
        termination: { outcome: { status: "failure", summary: "boom", error: { type: "TypeError" } } },
      },
    ])
  })

  test("and what the server already has isn't stored twice", async () => {
    const { runs } = await runAgent(`${RECORD} await run.flush(); run.turn({ tool: "y" }); process.exit(0)`)
    expect(runs).toMatchObject([{ cursor: 2 }])
  })

  test("and a run that was completed keeps its outcome", async () => {
    const { runs } = await runAgent(`${RECORD} void run.complete({ status: "success" }); process.exit(0)`)
    expect(runs).toMatchObject([{ cursor: 1, termination: { outcome: { status: "success" } } }])
  })
})
