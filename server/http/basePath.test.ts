import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { aServer, type TestServer } from "@/lib/testing/aServer"
import type { Pages } from "./Pages"

/** Responds with the requested page. */
const echo: Pages = {
  handle: async (request, response) => void response.end(request.url),
  close: async () => undefined,
}
const HOST = "example.com"
/** Proxies either keep the base path or remove it. */
const PROXIES = [
  ["keeps", "/tools/turnline"],
  ["removes", ""],
] as const

let server: TestServer
beforeEach(async () => {
  server = await aServer({ pages: echo, env: { TURNLINE_PUBLIC_URL: `https://${HOST}/tools/turnline` } })
  await server.app.ready()
})
afterEach(() => server.close())

const form = (headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { host: HOST, "content-type": "application/x-www-form-urlencoded", ...headers },
})

describe.each(PROXIES)("behind a proxy that %s the base path", (_, prefix) => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    server.fetch(prefix + path, { headers: { host: HOST, ...headers } })

  test("the sign-in link continues below the base path, with a cookie for only that path", async () => {
    const { status, headers } = await get(`/runs/a?token=${server.viewer}&turn=1`)
    expect(status).toBe(303)
    expect(headers.location).toBe("/tools/turnline/runs/a?turn=1")
    expect(headers["set-cookie"]?.[0]).toMatch(
      /^turnline_session_443_tools_turnline=.*; Path=\/tools\/turnline;/,
    )
    const [cookie = ""] = headers["set-cookie"]?.[0]?.split(";") ?? []
    expect((await get("/runs/a?turn=1", { cookie })).body).toBe("/runs/a?turn=1")
    expect(JSON.parse((await get("/api/session", { cookie })).body)).toMatchObject({ name: "viewer" })
  })

  test("a wrong token leads to the sign-in page below the base path, and from there back to the page", async () => {
    const wrong = await get("/runs/a?token=tl_wrong")
    expect(wrong.headers.location).toBe("/tools/turnline/sign-in?reason=wrong&to=%2Fruns%2Fa")
    const referer = `https://${HOST}${wrong.headers.location}`
    const sent = await server.fetch(`${prefix}/api/sign-in`, {
      ...form({ referer, origin: `https://${HOST}` }),
      body: `token=${server.viewer}`,
    })
    expect(sent.headers.location).toBe("/tools/turnline/runs/a")
  })

  test("the form continues to the page that it was submitted from, or to the given one", async () => {
    const referer = `https://${HOST}/tools/turnline/connect?a=b`
    const body = `token=${server.viewer}`
    const signIn = (more: string, headers: Record<string, string>) =>
      server.fetch(`${prefix}/api/sign-in`, { ...form(headers), body: body + more })
    expect((await signIn("", { referer })).headers.location).toBe("/tools/turnline/connect?a=b")
    expect((await signIn("&to=/compare", {})).headers.location).toBe("/tools/turnline/compare")
    expect((await signIn("&to=/tools/turnline/compare", {})).headers.location).toBe("/tools/turnline/compare")
    for (const to of ["//evil.example", "/tools/turnline//evil.example", "https://evil.example"])
      expect((await signIn(`&to=${encodeURIComponent(to)}`, {})).headers.location).toBe("/tools/turnline/")
  })

  test("signing out deletes the cookie of this path", async () => {
    const { headers } = await server.fetch(`${prefix}/api/sign-out`, form({ accept: "text/html" }))
    expect(headers.location).toBe("/tools/turnline/")
    expect(headers["set-cookie"]?.[0]).toMatch(/=; Max-Age=0; Path=\/tools\/turnline;/)
  })

  test.each(["websocket", "polling"])("agents connect with %s", async (transport) => {
    const client = await server.connect(server.agent, {
      path: `${prefix}/socket.io/`,
      transports: [transport],
      extraHeaders: { host: HOST },
    })
    expect(client.connected).toBe(true)
  })

  test("traces and health checks are accepted", async () => {
    const sent = await server.fetch(`${prefix}/v1/traces`, {
      method: "POST",
      headers: { host: HOST, authorization: `Bearer ${server.agent}`, "content-type": "application/json" },
      body: '{"resourceSpans":[]}',
    })
    expect(sent.status).toBe(200)
    expect((await server.fetch(`${prefix}/healthz`)).status).toBe(200)
  })

  test("a URL that a browser could read as another host is refused", async () => {
    expect((await get("//evil.example/")).status).toBe(400)
    expect((await get("/\\evil.example/")).status).toBe(400)
  })
})

describe("with a base path", () => {
  test("the path without its slash redirects to the one with it", async () => {
    for (const query of ["", "?token=x"]) {
      const { status, headers } = await server.fetch(`/tools/turnline${query}`, { headers: { host: HOST } })
      expect(status).toBe(303)
      expect(headers.location).toBe(`/tools/turnline/${query}`)
    }
    const other = await server.fetch("/tools/turnlines", { headers: { host: HOST } })
    expect(other.body).toBe("/sign-in")
  })

  test("S2: only pages of the public origin may connect", async () => {
    const headers = { host: HOST, origin: "https://evil.example" }
    expect((await server.fetch("/tools/turnline/api/session", { headers })).status).toBe(403)
    const wrong = { headers: { host: "evil.example" } }
    expect((await server.fetch("/tools/turnline/api/session", wrong)).status).toBe(403)
  })

  test("HSTS is left to the proxy, because it applies to the whole host", async () => {
    const { headers } = await server.fetch("/tools/turnline/", { headers: { host: HOST } })
    expect(headers).not.toHaveProperty("strict-transport-security")
  })

  test("messages about wrong paths name the right ones", async () => {
    const wrong = await server.fetch("/tools/socket.io/", { headers: { host: HOST } })
    expect(wrong.body).toContain("/tools/turnline/socket.io/")
    const posted = await server.fetch("/tools/turnline/v2/traces", form())
    expect(posted.body).toContain("OTLP goes to /tools/turnline/v1/traces")
  })
})
