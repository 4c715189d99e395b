import { spawn } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { pino } from "pino"
import { io, type Socket } from "socket.io-client"
import { afterEach, beforeEach, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { type App, createApp } from "@/server/app/createApp"
import { readConfig } from "@/server/platform/Config"

const BUILD = fileURLToPath(new URL("../../build/server/", import.meta.url))
let root: string
let apps: App[]
let sockets: Socket[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "turnline-backup-"))
  apps = []
  sockets = []
})
afterEach(async () => {
  for (const socket of sockets) socket.disconnect()
  for (const app of apps) await app.close()
  rmSync(root, { recursive: true, force: true })
})

async function start(dataDir: string): Promise<string> {
  const read = readConfig({ PORT: "0", TURNLINE_DATA_DIR: dataDir })
  if ("problem" in read) throw new Error(read.problem)
  const app = createApp({ config: read.config, pages: false, logger: pino({ level: "silent" }) })
  apps.push(app)
  return (await app.listen()).url
}

function connect(url: string, dataDir: string, name: string): Socket {
  const token = readFileSync(join(dataDir, `${name}.token`), "utf8").trim()
  const socket = io(url, { auth: { token }, forceNew: true })
  sockets.push(socket)
  return socket
}

/** Runs one of the commands until it exits. */
function command(name: string, dataDir: string, ...args: string[]) {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, [join(BUILD, "turnline.js"), name, ...args], {
      env: { ...process.env, TURNLINE_DATA_DIR: dataDir },
    })
    let [out, err] = ["", ""]
    child.stdout.on("data", (data) => {
      out += data
    })
    child.stderr.on("data", (data) => {
      err += data
    })
    child.on("close", (code) => resolve({ code, out, err }))
  })
}

const word = (at: number) =>
  `word${at.toString(26).replace(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)] ?? "")}`

test("a backup of a server under load is a data directory with everything acknowledged before it began", async () => {
  const dataDir = join(root, "data")
  const url = await start(dataDir)
  const agent = connect(url, dataDir, "agent")
  const started = await agent.emitWithAck("runs.start", { agent_id: "a", intent: "be copied" })
  let acknowledged = 0
  let writing = true
  const write = async () => {
    for (let at = 0; writing; at++) {
      const turns = [{ message: `${word(at)} ${"x".repeat(2_000)}` }]
      const { ok } = await agent.emitWithAck("runs.record_turns", { run_id: started.run_id, turns })
      if (ok) acknowledged += 1
    }
  }
  const writer = write()
  await eventually(() => expect(acknowledged).toBeGreaterThan(100))
  // The audit log is written in the background, every half second.
  await eventually(() => expect(readdirSync(dataDir)).toContain("audit.log"))

  const before = acknowledged
  const { code, out, err } = await command("backup", dataDir, `${join(root, "backups")}/`)
  const during = acknowledged - before
  writing = false
  await writer
  expect({ code, err }).toEqual({ code: 0, err: "" })
  expect(during).toBeGreaterThan(0)

  const [name = ""] = readdirSync(join(root, "backups"))
  const copy = join(root, "backups", name)
  expect(out).toContain(copy)
  expect(readdirSync(copy).sort()).toEqual([
    "agent.token",
    "audit.log",
    "redact.key",
    "turnline.db",
    "viewer.token",
  ])
  for (const file of readdirSync(copy)) expect(statSync(join(copy, file)).mode & 0o777).toBe(0o600)
  expect(statSync(copy).mode & 0o777).toBe(0o700)
  expect(await command("audit", copy)).toMatchObject({ code: 0, err: "" })

  const restored = join(root, "restored")
  cpSync(copy, restored, { recursive: true })
  const restoredUrl = await start(restored)
  const viewer = connect(restoredUrl, restored, "viewer")
  const { runs } = await viewer.emitWithAck("runs.list", {})
  expect(runs[0].cursor).toBeGreaterThanOrEqual(before)
  const last = await viewer.emitWithAck("runs.get_turn", { run_id: started.run_id, index: before - 1 })
  expect(last).toMatchObject({ ok: true, turn: { message: expect.stringContaining(`${word(before - 1)} `) } })
  await eventually(async () => {
    const found = await viewer.emitWithAck("runs.list", { q: word(before - 1) })
    expect(found.runs).toMatchObject([{ run_id: started.run_id, hit: { index: before - 1 } }])
  })
  // The run continues in the restored copy.
  const back = connect(restoredUrl, restored, "agent")
  const more = await back.emitWithAck("runs.record_turns", {
    run_id: started.run_id,
    turns: [{ message: "more" }],
  })
  expect(more).toMatchObject({ ok: true, base_index: runs[0].cursor })
}, 90_000)

test("a backup to a file contains only the database and overwrites nothing", async () => {
  const dataDir = join(root, "data")
  await start(dataDir)
  const file = join(root, "copy.db")
  expect(await command("backup", dataDir, file)).toMatchObject({ code: 0 })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const bytes = readFileSync(file)
  expect(await command("backup", dataDir, file)).toEqual({
    code: 1,
    out: "",
    err: `${file} already exists.\n`,
  })
  expect(readFileSync(file).equals(bytes)).toBe(true)
  expect(readdirSync(root).sort()).toEqual(["copy.db", "data"])
})

test("a damaged database isn't backed up, and nothing partial remains", async () => {
  const dataDir = join(root, "data")
  const url = await start(dataDir)
  const agent = connect(url, dataDir, "agent")
  const { run_id } = await agent.emitWithAck("runs.start", { agent_id: "a", intent: "x" })
  for (let at = 0; at < 5; at++)
    await agent.emitWithAck("runs.record_turns", {
      run_id,
      turns: Array.from({ length: 50 }, () => ({ message: "x".repeat(2_000) })),
    })
  await apps.pop()?.close()
  const file = join(dataDir, "turnline.db")
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xa5, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 16_384))
  const { code, out, err } = await command("backup", dataDir, `${join(root, "backups")}/`)
  expect({ code, out }).toEqual({ code: 1, out: "" })
  expect(err.trim().split("\n")).toHaveLength(1)
  expect(readdirSync(join(root, "backups"))).toEqual([])
})

test("the backup command prints its usage and exits with 1 without a target or a database", async () => {
  expect(await command("backup", root)).toMatchObject({
    code: 1,
    err: expect.stringContaining("turnline backup"),
  })
  expect(await command("backup", join(root, "nowhere"), join(root, "x.db"))).toMatchObject({
    code: 1,
    err: expect.stringContaining("doesn't exist"),
  })
})
