import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, it } from "vitest"
import { FakeTurnline } from "@/lib/testing/FakeTurnline"

const root = fileURLToPath(new URL("../..", import.meta.url))
let server: FakeTurnline

beforeEach(async () => {
  server = await new FakeTurnline().listen()
})

afterEach(() => server.stop())

/** Runs an agent in a separate process until it ends. Returns its exit code. */
async function runAgent(script: string): Promise<unknown> {
  const source = `import { connectAgent } from "./lib/agent/connectAgent.ts"
    const agent = connectAgent({ url: "${server.url}" })
    const run = agent.startRun({ intent: "leave" })
    ${script}`
  const args = ["--import", "tsx", "--input-type=module", "-e", source]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] })
  const [code] = await once(child, "exit")
  return code
}

it("delivers what is queued when a script ends without closing the agent, and lets the process end", async () => {
  expect(await runAgent(`run.turn({ message: "last turn" })`)).toBe(0)
  expect(server.run.turns).toMatchObject([{ message: "last turn" }])
}, 60_000)

it("keeps a script alive while it waits for its run to be stored", async () => {
  const fate = ["ignore", undefined] as const
  let tries = 0
  server.intercept = ({ event }) => (event === "runs.complete" ? fate[tries++] : undefined)
  setImmediate(() => void server.until(() => tries === 1).then(() => server.cut()))
  expect(await runAgent(`if (!(await run.complete({ status: "done" }))) process.exit(3)`)).toBe(0)
  expect(server.run.status).toBe("completed")
}, 60_000)
