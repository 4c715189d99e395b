import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { io } from "socket.io-client"
import { afterEach, expect, test } from "vitest"
import { aServer, aToken, type TestServer } from "@/lib/testing/aServer"
import { eventually } from "@/lib/testing/eventually"
import { createApp } from "@/server/app/createApp"
import { readConfig } from "@/server/platform/Config"
import type { AuditEntry } from "./Audit"
import { CLOSED_AUDIT } from "./openAudit"
import { verifyAudit } from "./verifyAudit"

let server: TestServer | undefined
let entries: AuditEntry[] = []
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(env: Record<string, string> = {}): Promise<TestServer> {
  entries = []
  const audit = { ...CLOSED_AUDIT, record: (entry: AuditEntry) => void entries.push(entry) }
  server = await aServer({ audit, env: { TURNLINE_PROXY_HOPS: "1", ...env } })
  return server
}
const from = (address: string) => ({ extraHeaders: { "x-forwarded-for": address } })
const events = (event: AuditEntry["event"]) => entries.filter((entry) => entry.event === event)
const idOf = (token: string) => token.split("_")[1]

test("S19: connections, first reads, refusals and deletions are recorded, with token and address", async () => {
  const { connect, agent, viewer } = await start().then((s) => ({ ...s, connect: s.connect.bind(s) }))
  const writer = await connect(agent, from("10.0.0.1"))
  const { run_id } = await writer.emitWithAck("runs.start", { agent_id: "a", intent: "x" })
  await writer.emitWithAck("runs.complete", { run_id, outcome: { status: "done" } })
  const reader = await connect(viewer, from("10.0.0.2"))
  for (let at = 0; at < 3; at++) await reader.emitWithAck("runs.subscribe", { run_id })
  await reader.emitWithAck("runs.get_trace", { run_id })
  await reader.emitWithAck("runs.get_trace", { run_id: "unknown" })
  await writer.emitWithAck("runs.delete", { run_id })
  await reader.emitWithAck("runs.delete", { run_id })
  const who = { token: idOf(viewer), name: "viewer", address: "10.0.0.2", connection: reader.id }
  expect(events("connected")).toMatchObject([{ token: idOf(agent), address: "10.0.0.1" }, who])
  expect(events("run_read")).toEqual([{ event: "run_read", ...who, run_id, how: "runs.subscribe" }])
  expect(events("refused")).toMatchObject([
    { ...who, how: "runs.get_trace", why: "not_found" },
    { token: idOf(agent), how: "runs.delete", why: "forbidden" },
  ])
  expect(events("run_deleted")).toEqual([{ event: "run_deleted", ...who, run_id }])
})

test("sign-in, sign-out, exports, invalid tokens and foreign hosts are recorded, too", async () => {
  const s = await start()
  const headers = (more: Record<string, string> = {}) => ({ "x-forwarded-for": "10.0.0.3", ...more })
  const bearer = headers({ authorization: `Bearer ${s.viewer}` })
  const form = { method: "POST", headers: headers({ "content-type": "application/x-www-form-urlencoded" }) }
  const signedIn = await s.fetch("/api/sign-in", { ...form, body: `token=${s.viewer}` })
  await s.fetch("/api/sign-in", { ...form, body: "token=tl_0123456789abcdef_wrong" })
  const cookie = signedIn.headers["set-cookie"]?.[0]?.split(";")[0] ?? ""
  await s.fetch("/api/sign-out", { method: "POST", headers: headers({ cookie }) })
  const writer = await s.connect(s.agent)
  const { run_id } = await writer.emitWithAck("runs.start", { agent_id: "a", intent: "x" })
  expect((await s.fetch(`/api/runs/${run_id}/export`, { headers: bearer })).status).toBe(200)
  await s.fetch(`/api/runs/${run_id}/export`, { headers: headers({ authorization: "Bearer nonsense" }) })
  await s.fetch("/api/session", { headers: headers({ host: "evil.example" }) })
  const token = idOf(s.viewer)
  expect(events("signed_in")).toEqual([{ event: "signed_in", token, address: "10.0.0.3" }])
  expect(events("signed_out")).toMatchObject([{ token, name: "viewer", address: "10.0.0.3" }])
  await eventually(() =>
    expect(events("run_exported")).toMatchObject([{ token, run_id, address: "10.0.0.3" }]),
  )
  expect(events("auth_failed")).toEqual([
    { event: "auth_failed", address: "10.0.0.3", how: "sign-in" },
    { event: "auth_failed", address: "10.0.0.3", how: `/api/runs/${run_id}/export` },
  ])
  expect(events("refused")).toEqual([{ event: "refused", address: "10.0.0.3", how: "request", why: "host" }])
  for (const secret of [s.viewer, s.agent, cookie.split("=")[1] ?? ""])
    expect(JSON.stringify(entries)).not.toContain(secret)
})

test("created and revoked tokens are recorded, even if another process does it", async () => {
  const s = await start()
  const minter = await aToken(s.accessStore, { name: "minter", mint: true })
  const made = await s.fetch("/api/tokens", {
    method: "POST",
    headers: { authorization: `Bearer ${minter}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "robot" }),
  })
  const { token_id } = JSON.parse(made.body)
  await s.accessStore.revokeTokens("robot", new Date().toISOString())
  await eventually(() => expect(events("token_revoked")).toHaveLength(1))
  expect(events("token_created")).toMatchObject([
    { how: "command", why: `${idOf(minter)} minter` },
    { how: "page", token: idOf(minter), why: `${token_id} robot` },
  ])
  expect(events("token_revoked")).toMatchObject([{ how: "command", why: `${token_id} robot` }])
})

test("S16: connections per address and per token are limited, and others aren't affected", async () => {
  const s = await start({
    TURNLINE_MAX_CONNECTIONS_PER_ADDRESS: "3",
    TURNLINE_MAX_CONNECTIONS_PER_TOKEN: "4",
  })
  const open = await Promise.all([1, 2, 3].map(() => s.connect(s.viewer, from("10.0.0.1"))))
  for (const transports of [["websocket"], ["polling"]])
    await expect(s.connect(s.viewer, { ...from("10.0.0.1"), transports })).rejects.toThrow()
  await s.connect(s.viewer, from("10.0.0.2"))
  await expect(s.connect(s.viewer, from("10.0.0.3"))).rejects.toMatchObject({
    data: { code: "rate_limited" },
  })
  await s.connect(s.agent, from("10.0.0.3"))
  expect(events("limit").map(({ address, why }) => [address, why])).toEqual([
    ["10.0.0.1", "connections of the address"],
    ["10.0.0.1", "connections of the address"],
    ["10.0.0.3", "connections of the token"],
  ])
  open[0]?.disconnect()
  await eventually(() => s.connect(s.viewer, from("10.0.0.1")))
})

test("S16: an address that tries invalid tokens must wait, while valid tokens from there still work", async () => {
  const s = await start({ TURNLINE_FAILED_AUTH_PER_MINUTE: "1" })
  const codes: unknown[] = []
  for (let at = 0; at < 6; at++)
    await s
      .connect("tl_0123456789abcdef_wrong", from("10.0.0.1"))
      .catch((error) => codes.push(error.data.code))
  expect(codes).toEqual([...Array(4).fill("unauthenticated"), "rate_limited", "rate_limited"])
  const tried = await s.fetch("/api/session", {
    headers: { authorization: "Bearer x", "x-forwarded-for": "10.0.0.1" },
  })
  expect([tried.status, Number(tried.headers["retry-after"])]).toEqual([429, expect.any(Number)])
  await s.connect(s.viewer, from("10.0.0.1"))
})

test("S19: a server's log is in its data directory, is intact, and contains no trace content and no token", async () => {
  const dir = mkdtempSync(join(tmpdir(), "turnline-whole-"))
  const read = readConfig({ PORT: "0", TURNLINE_DATA_DIR: dir, TURNLINE_LOG_LEVEL: "silent" })
  if ("problem" in read) throw new Error(read.problem)
  const app = createApp({ config: read.config, pages: false })
  const { url } = await app.listen()
  const token = readFileSync(join(dir, "agent.token"), "utf8").trim()
  const agent = io(url, { auth: { token }, forceNew: true })
  await agent.emitWithAck("runs.start", { agent_id: "a", intent: "canary" })
  agent.disconnect()
  await app.close()
  const text = readFileSync(join(dir, "audit.log"), "utf8")
  expect(await verifyAudit(dir)).toMatchObject({ lines: text.trimEnd().split("\n").length })
  expect(await verifyAudit(dir)).not.toHaveProperty("broken")
  for (const event of ["server_started", "connected", "server_stopped"]) expect(text).toContain(`"${event}"`)
  expect(text).not.toContain(token)
  expect(text).not.toContain("canary")
  rmSync(dir, { recursive: true })
})
