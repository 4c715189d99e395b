import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, request } from "node:http"
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server,
  type Socket,
} from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { serverAddress } from "@/lib/agent/delivery/serverAddress"
import { aServer } from "@/lib/testing/aServer"
import { checkDataDir, checkNode, checkProxy, checkSettings, checkSpelling, runChecks } from "./checks"

const dirs: string[] = []
const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})
function aDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "turnline-doctor-"))
  dirs.push(dir)
  return dir
}

/** Listens on a free port, and returns the URL. */
async function listen(server: Server): Promise<string> {
  servers.push(server)
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("error", () => {}).on("close", () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Starts a proxy that passes on HTTP, but of Socket.IO only the given transports. */
function aProxy(target: string, transports: readonly string[]): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const { url = "", method, headers } = incoming
    if (url.includes("/socket.io/") && !transports.includes("polling")) return outgoing.destroy()
    const forwarded = request(target + url, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    return incoming.pipe(forwarded.on("error", () => outgoing.destroy()))
  })
  proxy.on("upgrade", ({ url, headers }, socket) => {
    if (!transports.includes("websocket")) return socket.destroy()
    const upstream = connect(Number(new URL(target).port), "127.0.0.1")
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    upstream.write(`GET ${url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`)
    upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy())
    return upstream.pipe(socket).pipe(upstream)
  })
  return listen(proxy)
}

describe("doctor", () => {
  test.each([
    ["20.19.0", "ok"],
    ["24.1.0", "ok"],
    ["20.18.3", "problem"],
    ["18.20.8", "problem"],
  ])("judges Node %s as %s", (node, level) => {
    expect(checkNode(node).level).toBe(level)
  })

  test("reports an invalid setting in the server's words", () => {
    expect(checkSettings({ PORT: "http" })).toMatchObject({
      level: "problem",
      message: expect.stringContaining("PORT"),
    })
  })

  test("suggests the setting that was meant", () => {
    expect(checkSpelling({ TURNLINE_DATADIR: "x" })).toMatchObject([
      { level: "warning", message: "TURNLINE_DATADIR doesn't exist; did you mean TURNLINE_DATA_DIR?" },
    ])
  })

  test("accepts a data directory that can be created", () => {
    expect(checkDataDir(join(aDir(), "a/b"))).toMatchObject({ level: "ok" })
  })

  test("reports a data directory that is a file, or inside one", () => {
    const file = join(aDir(), "file")
    writeFileSync(file, "")
    expect(checkDataDir(file)).toMatchObject({ level: "problem", message: `${file} is not a directory.` })
    expect(checkDataDir(join(file, "data"))).toMatchObject({
      level: "problem",
      message: expect.stringContaining(`${file} is not a directory.`),
    })
  })

  test("warns of a proxy between an agent and a local server", () => {
    const local = serverAddress("localhost:3000")
    expect(checkProxy(local, {})).toEqual([])
    expect(checkProxy(local, { HTTPS_PROXY: "http://p:1" })).toMatchObject([{ level: "warning" }])
    expect(checkProxy(local, { HTTPS_PROXY: "http://p:1", NO_PROXY: "localhost" })).toMatchObject([
      { level: "ok" },
    ])
  })

  test("asks the server whether it is ready and accepts the token", async () => {
    const server = await aServer()
    const env = { TURNLINE_DATA_DIR: aDir(), TURNLINE_TOKEN: server.agent }
    const checks = await runChecks(serverAddress(server.url), env)
    expect(checks.filter(({ level }) => level === "problem")).toEqual([])
    expect(checks).toContainEqual({ level: "ok", name: "token", message: 'accepted as "agent"' })
    const wrong = await runChecks(serverAddress(server.url), { ...env, TURNLINE_TOKEN: "tl_wrong" })
    expect(wrong).toContainEqual(expect.objectContaining({ level: "problem", name: "token" }))
    await server.close()
  })

  test.each([
    ["that passes nothing on", [], "problem", /neither WebSockets nor long polling/],
    ["that doesn't pass on WebSockets", ["polling"], "warning", /WebSockets don't get through/],
    ["that passes on only WebSockets", ["websocket"], "warning", /long polling doesn't get through/],
    ["that passes everything on", ["polling", "websocket"], "ok", /WebSockets and long polling/],
  ] as const)("notices a proxy %s", async (_, transports, level, message) => {
    const server = await aServer()
    const proxy = await aProxy(server.url, transports)
    const env = { TURNLINE_DATA_DIR: aDir(), TURNLINE_TOKEN: server.agent }
    const checks = await runChecks(serverAddress(proxy), env)
    expect(checks).toContainEqual({ level, name: "connection", message: expect.stringMatching(message) })
    expect(checks).toContainEqual(expect.objectContaining({ level: "ok", name: "token" }))
    await server.close()
  })

  test("names the target of a redirect", async () => {
    const url = await listen(
      createServer((_request, response) => {
        response.writeHead(302, { location: "https://sso.example/login" }).end()
      }),
    )
    const checks = await runChecks(serverAddress(url), { TURNLINE_DATA_DIR: aDir() })
    expect(checks.at(-1)).toMatchObject({
      level: "problem",
      message: `${url} redirects to https://sso.example/login. Use that address?`,
    })
  })

  test("says that the port is used by a program that doesn't respond", async () => {
    const url = await listen(createNetServer())
    const checks = await runChecks(serverAddress(url), { TURNLINE_DATA_DIR: aDir() })
    expect(checks.at(-1)).toMatchObject({ message: expect.stringContaining("used by another program") })
  })

  test("says so when no server answers", async () => {
    const checks = await runChecks(serverAddress("http://127.0.0.1:9"), { TURNLINE_DATA_DIR: aDir() })
    expect(checks.at(-1)).toMatchObject({
      name: "server",
      message: expect.stringContaining("doesn't respond"),
    })
  })
})
