import { spawn } from "node:child_process"
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { pino } from "pino"
import { io } from "socket.io-client"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { readConfig } from "@/server/platform/Config"
import { type App, createApp } from "./createApp"

const BUILD = fileURLToPath(new URL("../../build/server/", import.meta.url))
let dir: string
let apps: App[]

/** Runs one of the server's programs until it exits. */
function run(program: string, args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, [join(BUILD, program), ...args], {
      env: {
        ...process.env,
        NODE_ENV: "production",
        PORT: "0",
        TURNLINE_DATA_DIR: dir,
        TURNLINE_LOG_LEVEL: "warn",
        ...env,
      },
    })
    let out = ""
    let err = ""
    child.stdout.on("data", (data) => {
      out += data
    })
    child.stderr.on("data", (data) => {
      err += data
    })
    child.on("close", (code) => resolve({ code, out, err }))
  })
}

async function start(env: Record<string, string> = {}): Promise<{ app: App; url: string; port: number }> {
  const read = readConfig({ PORT: "0", TURNLINE_DATA_DIR: dir, ...env })
  if ("problem" in read) throw new Error(read.problem)
  const app = createApp({ config: read.config, pages: false, logger: pino({ level: "silent" }) })
  apps.push(app)
  return { app, ...(await app.listen()) }
}

const tokenFile = async (name: string) => (await readFile(join(dir, `${name}.token`), "utf8")).trim()

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "turnline-main-"))
  apps = []
})
afterEach(async () => {
  for (const app of apps) await app.close()
  await rm(dir, { recursive: true, force: true })
})

describe("a server that can't start", () => {
  test.each([
    [{ PORT: "x" }, "PORT"],
    [{ DATABASE_URL: "mysql://db" }, "DATABASE_URL"],
    [{ HOST: "0.0.0.0" }, "TURNLINE_PUBLIC_URL"],
    [{ HOST: "0.0.0.0", TURNLINE_AUTH: "none", TURNLINE_ALLOWED_HOSTS: "x" }, "TURNLINE_AUTH"],
  ])("S1: with %j says why in one line and exits with 1", async (env, named) => {
    const { code, out, err } = await run("main.js", [], env as Record<string, string>)
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err).toContain(named)
    expect(err.trim().split("\n")).toHaveLength(1)
  })

  test("on a data directory in use names the process that uses it", async () => {
    await start()
    const { code, err } = await run("main.js", [])
    expect(code).toBe(1)
    expect(err).toContain(`process ${process.pid}`)
    expect(err.trim().split("\n")).toHaveLength(1)
  })

  test("on a port in use names the port", async () => {
    const holder = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => holder.once("listening", resolve))
    const { port } = holder.address() as AddressInfo
    const { code, err } = await run("main.js", [], { PORT: String(port) })
    holder.close()
    expect(code).toBe(1)
    expect(err).toContain(`Port ${port}`)
    expect(err.trim().split("\n")).toHaveLength(1)
  })
})

describe("a first start", () => {
  test("S4 S22: creates two tokens that only the owner can read, one to read runs and one to write them", async () => {
    const { url } = await start()
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    for (const name of ["viewer", "agent"])
      expect((await stat(join(dir, `${name}.token`))).mode & 0o777).toBe(0o600)
    const session = async (token: string) =>
      (await fetch(`${url}/api/session`, { headers: { authorization: `Bearer ${token}` } })).json()
    expect(await session(await tokenFile("viewer"))).toMatchObject({ read: "all", control: true })
    expect(await session(await tokenFile("agent"))).toMatchObject({ read: [], control: false })
  })

  test("S4: never writes through a symbolic link in a token's place", async () => {
    const aim = join(dir, "aim")
    await writeFile(aim, "precious")
    await symlink(aim, join(dir, "viewer.token"))
    await start()
    expect(await readFile(aim, "utf8")).toBe("precious")
    expect((await lstat(join(dir, "viewer.token"))).isFile()).toBe(true)
  })

  test("is the only start that creates tokens", async () => {
    const { app } = await start()
    const first = await tokenFile("viewer")
    await app.close()
    await start()
    expect(await tokenFile("viewer")).toBe(first)
  })
})

describe("the token command", () => {
  test("S4: while a server is running, creates a token that works immediately, lists and revokes it", async () => {
    const { url } = await start()
    const made = await run("turnline.js", ["token", "create", "ci", "--write", "ci/*"])
    expect(made.code).toBe(0)
    const token = made.out.trim().split("\n").at(-1) ?? ""
    expect(token).toMatch(/^tl_[0-9a-f]+_[\w-]{43}$/)
    const client = io(url, { auth: { token }, transports: ["websocket"], reconnection: false })
    await new Promise((resolve, reject) => {
      client.once("connect", () => resolve(undefined))
      client.once("connect_error", reject)
    })
    expect(await client.emitWithAck("runs.start", { intent: "x", agent_id: "ci/1" })).toMatchObject({
      ok: true,
    })
    const left = new Promise((resolve) => client.once("disconnect", resolve))
    expect((await run("turnline.js", ["token", "revoke", "ci"])).code).toBe(0)
    expect(await left).toBe("io server disconnect")
    const { out } = await run("turnline.js", ["token", "list"])
    expect(out).toMatch(/ci {2}revoked/)
    expect(out).not.toContain(token.split("_")[2])
  })

  test("reports errors on standard error and exits with 1", async () => {
    for (const args of [[], ["create"], ["revoke", "nobody"], ["create", "x", "--read"]]) {
      const { code, out, err } = await run("turnline.js", ["token", ...args])
      expect({ code, out }).toEqual({ code: 1, out: "" })
      expect(err).not.toContain("    at ")
    }
  })
})

test("I23: unmodified Socket.IO clients reconnect to the next server, and their run continues", async () => {
  const { app, port } = await start()
  const client = io(`http://127.0.0.1:${port}`, {
    auth: { token: await tokenFile("agent") },
    reconnectionDelay: 20,
  })
  const started = await client.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
  await client.emitWithAck("runs.record_turns", { run_id: started.run_id, turns: [{}] })
  const left = new Promise((resolve) => client.once("disconnect", resolve))
  await app.close()
  await left
  const back = new Promise((resolve) => client.once("connect", () => resolve(undefined)))
  await start({ PORT: String(port) })
  await back
  const again = await client.emitWithAck("runs.start", { run_id: started.run_id })
  expect(again).toMatchObject({ ok: true, created: false, cursor: 1, status: "in_progress" })
  client.disconnect()
})
