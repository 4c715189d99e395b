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

// Built at run time, so that secret scanners don't flag this file.
const CANARY = "CaNaRy5eCrEt"
const token = (at: number) => `ghp_${CANARY}${String(at).padStart(24, "0")}`

let dir = ""
let app: App | undefined
let log = ""
const sockets: Socket[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-redact-"))
  log = ""
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect()
  await app?.close()
  rmSync(dir, { recursive: true })
})

async function start(settings: Record<string, string> = {}): Promise<string> {
  const read = readConfig({ PORT: "0", TURNLINE_DATA_DIR: dir, ...settings })
  if ("problem" in read) throw new Error(read.problem)
  const write = (line: string) => {
    log += line
  }
  app = createApp({ config: read.config, pages: false, logger: pino({ level: "trace" }, { write }) })
  return (await app.listen()).url
}

function connect(url: string, name: "agent" | "viewer", more: object = {}): Socket {
  const auth = { token: readFileSync(join(dir, `${name}.token`), "utf8").trim(), ...more }
  const socket = io(url, { auth, transports: ["websocket"], forceNew: true })
  sockets.push(socket)
  return socket
}

const ask = async <N extends CommandName>(socket: Socket, name: N, payload: CommandInput<N>) =>
  await socket.timeout(10_000).emitWithAck(name, payload)

/** Creates a run with a secret in every field that an agent can set. */
async function sendSecrets(agent: Socket): Promise<string> {
  let at = 0
  const secret = () => token(++at)
  const { run_id } = await ask(agent, "runs.start", {
    agent_id: "a",
    agent_name: `name ${secret()}`,
    intent: `intent ${secret()}`,
    outcome_description: secret(),
    labels: { [secret()]: "key", value: secret(), password: CANARY },
  })
  const progress = {
    tool: secret(),
    prompt: secret(),
    text: secret(),
    waiting_for: secret(),
    parameters: { a: secret() },
  }
  await ask(agent, "runs.report_progress", { run_id, progress })
  for (const piece of secret())
    await ask(agent, "runs.report_progress", { run_id, progress: { text_delta: piece } })
  const turn = {
    prompt: secret(),
    message: secret(),
    thinking: `${"x".repeat(16 * 1024 - 20)}${secret()}`,
    tool: secret(),
    parameters: {
      [secret()]: { deep: [secret()] },
      api_key: CANARY,
      json: JSON.stringify({ env: `A=1\n${secret()}`, password: CANARY }),
    },
    output: [secret(), `postgres://user:${CANARY}@db/x`],
    event: secret(),
    model: secret(),
    error: { message: secret(), type: secret() },
    cli_outcome: { stdout: secret() },
    verifier_verdict: { why: secret() },
    child_run_id: secret(),
    attributes: { note: secret() },
    unknown_field: secret(),
  }
  await ask(agent, "runs.record_turns", { run_id, turns: [turn] })
  await ask(agent, "runs.record_turns", {
    run_id,
    turns: [{ ...turn, output: `${"long ".repeat(80_000)}${secret()}` }],
  })
  // This command is refused, and viewers see which field is invalid.
  await ask(agent, "runs.start", { agent_id: "a", intent: "x", labels: { [secret()]: "v".repeat(300) } })
  const outcome = {
    status: "done" as const,
    summary: secret(),
    evidence: { token: CANARY },
    metrics: [secret()],
  }
  await ask(agent, "runs.complete", { run_id, outcome })
  return run_id
}

const files = () => readdirSync(dir).filter((name) => statSync(join(dir, name)).isFile())

test("S18: a secret that an agent sends isn't in any file, log, event or export", {
  timeout: 60_000,
}, async () => {
  const url = await start()
  const viewer = connect(url, "viewer")
  const seen: unknown[] = []
  viewer.onAny((...event) => seen.push(event))
  await ask(viewer, "runs.watch", {})
  await ask(viewer, "ingest.watch", {})
  const agent = connect(url, "agent", { client_id: token(0) })
  const started = new Promise<void>((resolve) => {
    agent.once("connect", resolve)
  })
  await started
  const run_id = await sendSecrets(agent)
  await ask(viewer, "runs.subscribe", { run_id })
  for (const command of ["runs.get_trace", "runs.get_outline"] as const)
    seen.push(await ask(viewer, command, { run_id }))
  seen.push(await ask(viewer, "runs.get_turn", { run_id, index: 0 }))
  await eventually(async () => {
    const page = await ask(viewer, "runs.list", { q: "long" })
    expect(page.runs).toHaveLength(1)
  }, 100)
  seen.push(await ask(viewer, "runs.list", { q: "long redacted" }))
  await eventually(() => expect(JSON.stringify(seen)).toContain('"ended"'))
  const headers = { authorization: `Bearer ${readFileSync(join(dir, "viewer.token"), "utf8").trim()}` }
  const exported = await (await fetch(`${url}/api/runs/${run_id}/export?format=json`, { headers })).text()
  expect(exported).toContain("[redacted:github:")
  expect(JSON.stringify(seen)).toContain("[redacted:named:")
  for (const text of [exported, JSON.stringify(seen), log]) expect(text).not.toContain(CANARY)
  expect(files()).toEqual(expect.arrayContaining(["turnline.db", "turnline.db-wal", "turnline.search.db"]))
  const holds = (name: string) =>
    readFileSync(join(dir, name)).toString("latin1").toLowerCase().includes(CANARY.toLowerCase())
  expect(files().filter(holds)).toEqual([])
  await app?.close()
  expect(files().filter(holds)).toEqual([])
})

test("TURNLINE_REDACT=off stores what agents send unchanged; only the owner can read the key", async () => {
  let url = await start()
  expect(statSync(join(dir, "redact.key")).mode & 0o777).toBe(0o600)
  await app?.close()
  url = await start({ TURNLINE_REDACT: "off" })
  const agent = connect(url, "agent")
  const { run_id } = await ask(agent, "runs.start", { agent_id: "a", intent: token(1) })
  const page = await ask(connect(url, "viewer"), "runs.list", {})
  expect(page.runs).toMatchObject([{ run_id, intent: token(1) }])
})
