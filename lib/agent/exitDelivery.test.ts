import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest"
import type { Reply } from "@/lib/protocol/catalog"
import { aServer, type TestServer } from "@/lib/testing/aServer"
import { eventually } from "@/lib/testing/eventually"

const root = fileURLToPath(new URL("../..", import.meta.url))
let server: TestServer
let temporary: string

beforeEach(async () => {
  temporary = mkdtempSync(join(tmpdir(), "turnline-test-"))
  server = await aServer()
})
afterEach(async () => {
  await server.close()
  rmSync(temporary, { recursive: true, force: true })
})

type Leaving = {
  signal?: NodeJS.Signals
  url?: string
  env?: Record<string, string>
  setup?: string
  onExit?: () => void
}

const ANY_TRANSPORT = { transports: ["websocket", "polling"], tryAllTransports: true }
const START = `const run = agent.startRun({ agentId: "a", intent: "leave" });`

/**
 * Runs an agent with `flushOnExit` in a separate process. `signal` is sent when it prints "ready". Returns the runs once
 * the process that delivers has also ended.
 */
async function runAgent(script: string, leaving: Leaving = {}) {
  const { signal, url = server.url, env = {}, setup = START, onExit } = leaving
  const source = `import { connectAgent } from "./lib/agent/connectAgent.ts"
    const agent = connectAgent({ url: "${url}", token: "${server.agent}", flushOnExit: true })
    ${setup}
    ${script}`
  const args = ["--import", "tsx", "--input-type=module", "-e", source]
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, TMPDIR: temporary, ...env },
  })
  if (signal !== undefined) {
    await once(child.stdout, "data")
    child.kill(signal)
  }
  const [code, endSignal] = await once(child, "exit")
  onExit?.()
  await eventually(() => expect(deliverers()).toEqual([]))
  const viewer = await server.connect(server.viewer, ANY_TRANSPORT)
  const list: Reply<"runs.list"> = await viewer.emitWithAck("runs.list", {})
  if (!list.ok) throw new Error(list.error.message)
  return { code, endSignal, runs: list.runs }
}

/** Returns the directories of the processes that still deliver. */
const deliverers = () => readdirSync(temporary).filter((name) => name.startsWith("turnline-exit-"))

async function turnsOf(run_id: string | undefined) {
  const viewer = await server.connect(server.viewer, ANY_TRANSPORT)
  const trace: Reply<"runs.get_trace"> = await viewer.emitWithAck("runs.get_trace", { run_id: run_id ?? "" })
  if (!trace.ok) throw new Error(trace.error.message)
  return trace.records.flatMap((record) => (record.record === "turn" ? [record] : []))
}

const RECORD = `await run.started(); run.turn({ tool: "x", output: "last turn" });`
const WAIT = `console.log("ready"); setTimeout(() => {}, 20_000)`
const INTERRUPTED = { cursor: 1, termination: { outcome: { status: "failure", summary: "interrupted" } } }

describe("with flushOnExit, queued turns are delivered", () => {
  test("on process.exit", async () => {
    const { code, runs } = await runAgent(`${RECORD} process.exit(7)`)
    expect(code).toBe(7)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test("on process.exit before the connection is established", async () => {
    const { runs } = await runAgent(`run.turn({ tool: "x" }); process.exit(0)`)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test.each(["SIGINT", "SIGTERM"] as const)("at %s, which still ends the process", async (signal) => {
    const { endSignal, runs } = await runAgent(`${RECORD} ${WAIT}`, { signal })
    expect(endSignal).toBe(signal)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test("on a signal that the script handles, when its handler exits", async () => {
    const handler = `process.on("SIGTERM", () => setTimeout(() => process.exit(5), 100));`
    const { code, runs } = await runAgent(`${handler} ${RECORD} ${WAIT}`, { signal: "SIGTERM" })
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

  const LISTENER = `process.on("exit", () => run.turn({ message: "in the listener" }));`
  test.each([
    ["process.exit", `setTimeout(() => process.exit(0))`],
    ["process.exit right after the listener was added", `process.exit(0)`],
    ["an uncaught exception right after the listener was added", `throw new Error("boom")`],
  ])("including those of the caller's exit listeners: %s", async (_, end) => {
    const { runs } = await runAgent(`${RECORD} setTimeout(() => { ${LISTENER} ${end} })`)
    expect(runs).toMatchObject([{ cursor: 2, termination: { outcome: { status: "failure" } } }])
    expect(await turnsOf(runs[0]?.run_id)).toMatchObject([{}, { message: "in the listener" }])
  })

  test("including those of exit listeners when the script just ends, and open runs stay open", async () => {
    const { code, runs } = await runAgent(`${LISTENER} ${RECORD}`)
    expect(code).toBe(0)
    expect(runs).toMatchObject([{ cursor: 2, status: "in_progress" }])
  })

  test("even if an exit listener ends the process before the other listeners are called", async () => {
    const early = `process.on("exit", () => process.exit(3));`
    const { code, runs } = await runAgent(`${early} ${RECORD} setTimeout(() => process.exit(0))`)
    expect(code).toBe(3)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test("without storing again what the server already has", async () => {
    const { runs } = await runAgent(`${RECORD} await run.flush(); run.turn({ tool: "y" }); process.exit(0)`)
    expect(runs).toMatchObject([{ cursor: 2 }])
  })

  test("without changing the outcome of a completed run", async () => {
    const { runs } = await runAgent(`${RECORD} void run.complete({ status: "success" }); process.exit(0)`)
    expect(runs).toMatchObject([{ cursor: 1, termination: { outcome: { status: "success" } } }])
  })

  test("even if there are many and one is refused", async () => {
    await server.close()
    server = await aServer({ env: { TURNLINE_MAX_TURN_BYTES: "20000" } })
    const { runs } = await runAgent(`
      for (let i = 0; i < 30; i++) run.turn({ message: String(i), output: "é".repeat(5_000) })
      run.turn({ message: "refused", output: "é".repeat(20_000) })
      for (let i = 0; i < 600; i++) run.turn({ message: String(i) })
      process.exit(0)`)
    expect(runs).toMatchObject([{ cursor: 631 }])
    const viewer = await server.connect(server.viewer, ANY_TRANSPORT)
    const note = await viewer.emitWithAck("runs.get_turn", { run_id: runs[0]?.run_id ?? "", index: 30 })
    expect(note).toMatchObject({ turn: { event: "turn_refused" } })
  })

  test("after the process has ended, if the server doesn't respond in time", async () => {
    const held: (() => void)[] = []
    let isHolding = true
    const slow = createTcpServer((near) => {
      const far = connect(server.port, "127.0.0.1")
      for (const socket of [near, far]) socket.on("error", () => far.destroy())
      const forward = () => near.pipe(far).pipe(near)
      if (isHolding) held.push(forward)
      else forward()
    })
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void slow.close())
    const { port } = slow.address() as AddressInfo
    const onExit = () => {
      expect(deliverers()).toHaveLength(1)
      isHolding = false
      for (const forward of held) forward()
    }
    const url = `http://127.0.0.1:${port}`
    const { code, runs } = await runAgent(`run.turn({ tool: "x" }); process.exit(7)`, { url, onExit })
    expect(code).toBe(7)
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test("even if there is no directory for temporary files", async () => {
    const env = { TMPDIR: join(temporary, "missing") }
    const { runs } = await runAgent(`${RECORD} process.exit(0)`, { env })
    expect(runs).toMatchObject([INTERRUPTED])
  })

  test("together with those of a child run", async () => {
    const { runs } = await runAgent(`
      const child = run.child({ agentId: "c", intent: "part" })
      run.turn({ message: "before", child })
      child.turn({ message: "in the child" })
      run.update({ intent: "whole", labels: { better: "yes" } })
      process.exit(0)`)
    const child = runs.find(({ agent_id }) => agent_id === "c")
    const parent = runs.find(({ agent_id }) => agent_id === "a")
    expect(parent).toMatchObject({ cursor: 1, intent: "whole", labels: { better: "yes" }, child_count: 1 })
    expect(child).toMatchObject({ cursor: 1, parent: { run_id: parent?.run_id } })
    expect(await turnsOf(parent?.run_id)).toMatchObject([{ message: "before", child_run_id: child?.run_id }])
  })
})

describe("with flushOnExit, queued turns take the same route as the agent's connection", () => {
  test.each(["websocket", "polling"])("to a server that accepts %s", async (transports) => {
    await server.close()
    server = await aServer({ env: { TURNLINE_TRANSPORTS: transports } })
    const { runs } = await runAgent(`${RECORD} await run.flush(); run.turn({ tool: "y" }); process.exit(0)`)
    expect(runs).toMatchObject([{ cursor: 2, status: "completed" }])
    const early = await runAgent(`run.turn({ tool: "x" }); process.exit(0)`)
    expect(early.runs).toHaveLength(2)
    expect(early.runs[0]).toMatchObject(INTERRUPTED)
  })

  test("through the proxy in the environment", async () => {
    await server.close()
    server = await aServer({ env: { TURNLINE_ALLOWED_HOSTS: "turnline.invalid" } })
    const proxy = createServer()
    proxy.on("connect", (_request, near) => {
      const far = connect(server.port, "127.0.0.1", () => near.write("HTTP/1.1 200 OK\r\n\r\n"))
      for (const socket of [near, far]) socket.on("error", () => far.destroy())
      near.pipe(far).pipe(near)
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => {
      proxy.closeAllConnections()
      proxy.close()
    })
    const { port } = proxy.address() as AddressInfo
    const env = { HTTP_PROXY: `http://user:pass%20word@127.0.0.1:${port}`, NO_PROXY: "" }
    const url = `http://turnline.invalid:${server.port}`
    const { runs } = await runAgent(`${RECORD} process.exit(0)`, { url, env })
    expect(runs).toMatchObject([INTERRUPTED])
  })
})

describe("with flushOnExit, a replay", () => {
  const setup = `const run = agent.replayRun({ agentId: "a", intent: "file", idempotencyKey: "file:1" });`
  const record = (from: number, to: number) =>
    `for (let i = ${from}; i < ${to}; i++) run.turn({ message: String(i) });`
  const messages = async (run_id: string | undefined) =>
    (await turnsOf(run_id)).map(({ message }) => Number(message))
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

  test("stores nothing twice when it is interrupted at any time, and continues the next time", async () => {
    const sent = `await new Promise((resolve) => setTimeout(resolve, 1));`
    const inFlight = `${record(0, 3)} await run.flush(); ${record(3, 300)} ${sent} process.exit(0)`
    const first = await runAgent(inFlight, { setup })
    const [{ run_id } = { run_id: "" }] = first.runs
    expect(await messages(run_id)).toEqual(numbers(300))
    const second = await runAgent(`${record(0, 600)} process.exit(0)`, { setup })
    expect(second.runs).toMatchObject([{ run_id, cursor: 600 }])
    expect(await messages(run_id)).toEqual(numbers(600))
    const last = await runAgent(`${record(0, 601)} await run.complete({ status: "success" })`, { setup })
    expect(last.runs).toMatchObject([
      { run_id, cursor: 601, termination: { outcome: { status: "success" } } },
    ])
    expect(await messages(run_id)).toEqual(numbers(601))
  }, 60_000)
})
