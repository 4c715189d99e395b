import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { serverAddress } from "@/lib/agent/delivery/serverAddress"
import { aServer } from "@/lib/testing/aServer"
import { checkDataDir, checkNode, checkProxy, checkSettings, checkSpelling, runChecks } from "./checks"

const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})
function aDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "turnline-doctor-"))
  dirs.push(dir)
  return dir
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

  test("says so when no server answers", async () => {
    const checks = await runChecks(serverAddress("http://127.0.0.1:9"), { TURNLINE_DATA_DIR: aDir() })
    expect(checks.at(-1)).toMatchObject({
      name: "server",
      message: expect.stringContaining("doesn't respond"),
    })
  })
})
