import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { io, type Socket } from "socket.io-client"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { CommandInput, CommandName } from "@/lib/protocol/catalog"
import { eventually } from "@/lib/testing/eventually"
import { type App, createApp } from "@/server/app/createApp"
import { readConfig } from "@/server/platform/Config"

const CANARY = "canary7f3a"
let dir = ""
let app: App | undefined
const sockets: Socket[] = []
let umask = 0
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-deleted-"))
  umask = process.umask(0)
})
afterEach(async () => {
  process.umask(umask)
  for (const socket of sockets.splice(0)) socket.disconnect()
  await app?.close()
  rmSync(dir, { recursive: true })
})

async function start(): Promise<string> {
  const read = readConfig({ PORT: "0", TURNLINE_DATA_DIR: dir })
  if ("problem" in read) throw new Error(read.problem)
  app = createApp({ config: read.config, pages: false, logger: pino({ level: "silent" }) })
  return (await app.listen()).url
}

function connect(url: string, name: "agent" | "viewer"): Socket {
  const auth = { token: readFileSync(join(dir, `${name}.token`), "utf8").trim() }
  const socket = io(url, { auth, transports: ["websocket"], forceNew: true })
  sockets.push(socket)
  return socket
}

const ask = async <N extends CommandName>(socket: Socket, name: N, payload: CommandInput<N>) =>
  await socket.timeout(10_000).emitWithAck(name, payload)

/** Creates a run with the canary in every field. */
async function aCanaryRun(agent: Socket): Promise<string> {
  const { run_id } = await ask(agent, "runs.start", {
    agent_id: "a",
    agent_name: CANARY,
    intent: CANARY,
    labels: { [CANARY]: CANARY },
    idempotency_key: CANARY,
  })
  const turn = {
    message: CANARY,
    tool: CANARY,
    parameters: { [CANARY]: CANARY },
    output: `${CANARY} `.repeat(50),
  }
  for (let batch = 0; batch < 8; batch++)
    await ask(agent, "runs.record_turns", {
      run_id,
      turns: Array(64).fill(turn),
      idempotency_key: `${CANARY}-${batch}`,
    })
  await ask(agent, "runs.complete", { run_id, outcome: { status: "done", summary: CANARY } })
  return run_id
}

test("S20: after a run is deleted, no file of the running server contains its text, and no search finds it", async () => {
  const url = await start()
  const [agent, viewer] = [connect(url, "agent"), connect(url, "viewer")]
  const run_id = await aCanaryRun(agent)
  const kept = await ask(agent, "runs.start", { agent_id: "a", intent: "stays" })
  const search = () => ask(viewer, "runs.list", { q: CANARY })
  expect((await search()).runs).toHaveLength(1)
  const holding = () => readdirSync(dir).filter((name) => readFileSync(join(dir, name)).includes(CANARY))
  expect(holding()).not.toEqual([])
  expect(await ask(viewer, "runs.delete", { run_id })).toMatchObject({ ok: true })
  await eventually(() => expect(holding()).toEqual([]), 100)
  expect((await search()).runs).toEqual([])
  expect((await ask(viewer, "runs.list", {})).runs).toMatchObject([{ run_id: kept.run_id }])
})

test("S4 S22: even with umask 000, every file is readable by its owner only", async () => {
  await start()
  const open = readdirSync(dir).filter((name) => (statSync(join(dir, name)).mode & 0o077) !== 0)
  expect(readdirSync(dir)).toContain("turnline.db")
  expect(open).toEqual([])
})
