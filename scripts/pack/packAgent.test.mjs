import { execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { ROOT } from "../setup.mjs"
import { buildAgentPackage } from "./packAgent.mjs"

const MAX_PACKED_BYTES = 60 * 1024
/** The longest time that a delivery takes after the agent's process has ended. */
const DELIVERY_MS = 30_000
const project = join(ROOT, "build/agent-package-test")
let folder = ""

beforeAll(async () => {
  folder = await buildAgentPackage("1.2.3")
  rmSync(project, { recursive: true, force: true })
  mkdirSync(join(project, "node_modules"), { recursive: true })
  symlinkSync(folder, join(project, "node_modules/turnline-agent"))
  writeFileSync(join(project, "package.json"), '{ "type": "module" }')
}, 60_000)
afterAll(() => rmSync(project, { recursive: true, force: true }))

function write(name, text) {
  const path = join(project, name)
  writeFileSync(path, text)
  return path
}

describe("the package turnline-agent", () => {
  test("is small and depends only on socket.io-client", () => {
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json"], {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    )
    expect(packed.size).toBeLessThan(MAX_PACKED_BYTES)
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    expect(Object.keys(dependencies)).toEqual(["socket.io-client"])
  })

  test.each([
    ["ESM", "try.mjs", 'import { connectAgent, AgentError } from "turnline-agent"'],
    ["CommonJS", "try.cjs", 'const { connectAgent, AgentError } = require("turnline-agent")'],
  ])("works as %s", (_, name, load) => {
    const script = write(
      name,
      `${load}
      const agent = connectAgent({ url: "not an address", onError: (error) => console.log(error instanceof AgentError, error.code) })
      agent.startRun({ intent: "x" }).turn({ message: "hello" })`,
    )
    const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" })
    expect([stdout.trim(), stderr]).toEqual(["true invalid_url", ""])
  })

  test("delivers queued turns on process.exit", async () => {
    const data = mkdtempSync(join(tmpdir(), "turnline-agent-"))
    const env = { ...process.env, PORT: "0", TURNLINE_DATA_DIR: data, TURNLINE_TRANSPORTS: "websocket" }
    const args = ["--import", "tsx", "lib/testing/serve.ts"]
    const server = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] })
    try {
      const [started] = await once(server.stdout, "data")
      const { url } = JSON.parse(String(started))
      const tokenOf = (name) => readFileSync(join(data, `${name}.token`), "utf8").trim()
      const script = write(
        "exit.mjs",
        `import { connectAgent } from "turnline-agent"
        const agent = connectAgent({ url: "${url}", token: "${tokenOf("agent")}", flushOnExit: true })
        agent.startRun({ agentId: "a", intent: "leave" }).turn({ message: "last turn" })
        process.exit(3)`,
      )
      const [code] = await once(spawn(process.execPath, [script], { stdio: "ignore" }), "exit")
      expect(code).toBe(3)
      const headers = { authorization: `Bearer ${tokenOf("viewer")}` }
      // If the server is slow, the delivery ends after the agent's process.
      await vi.waitFor(async () => {
        const { runs } = await (await fetch(`${url}/api/runs`, { headers })).json()
        expect(runs).toMatchObject([{ cursor: 1, termination: { outcome: { summary: "interrupted" } } }])
      }, DELIVERY_MS)
    } finally {
      server.kill()
      await once(server, "exit")
      rmSync(data, { recursive: true })
    }
  })

  test.each([
    ["nodenext", []],
    ["bundler", ["--module", "preserve", "--moduleResolution", "bundler"]],
    ["no DOM types", ["--lib", "es2023"]],
  ])("has declarations that don't need other packages in strict projects: %s", (_, more) => {
    const source = `import { connectAgent, type Agent, AgentError, type AgentTurn, type Run, type RunOptions } from "turnline-agent"
      import { aiSdkTelemetry } from "turnline-agent/ai-sdk"
      import { langChainHandler } from "turnline-agent/langchain"
      declare function print(...values: unknown[]): void
      const agent: Agent = connectAgent({ url: "http://localhost:3000", onError: (error: AgentError) => print(error.code) })
      const options: RunOptions = { intent: "x", labels: { pr: 1 } }
      const run: Run = agent.startRun(options)
      const turn: AgentTurn = { tool: "x", output: new Map(), error: new Error("y") }
      run.turn(turn)
      const sum: number = run.wrapTool("add", (a: number, b: number) => a + b)(1, 2)
      const telemetry = aiSdkTelemetry(agent, { agentId: "bot" })
      const handler = langChainHandler(run)
      // @ts-expect-error an intent is required
      agent.startRun({ agentId: "a" })
      print(sum, telemetry, handler)`
    const files = [write("use.mts", source), write("use.cts", source)]
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc")
    const flags = [
      "--ignoreConfig",
      "--strict",
      "--noEmit",
      "--exactOptionalPropertyTypes",
      "--module",
      "nodenext",
    ]
    const options = { cwd: project, encoding: "utf8" }
    const { stdout, status } = spawnSync(
      process.execPath,
      [tsc, ...flags, ...more, "--types", "", ...files],
      options,
    )
    expect([stdout, status]).toEqual(["", 0])
  })

  test("has a browser build that doesn't import Node modules", () => {
    const code = readFileSync(join(folder, "browser/index.js"), "utf8")
    expect(code.match(/from\s*"([^"]+)"/g)).toEqual(['from"socket.io-client"'])
    expect(code).not.toContain("child_process")
  })
})
