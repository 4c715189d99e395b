import { request } from "node:http"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { aServer, aToken, type TestServer } from "@/lib/testing/aServer"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import type { Pages } from "./Pages"

/** Responds with the requested page and with what Next would have read from the request. */
const echo: Pages = {
  handle: async (request, response) => {
    const inner = Object.keys(request.headers).filter((name) => /^(x-middleware|next-action|rsc)/.test(name))
    response.end(
      JSON.stringify({ page: request.url, inner, csp: request.headers["content-security-policy"] }),
    )
  },
  close: async () => undefined,
}

let server: TestServer
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const cookieOf = (headers: { "set-cookie"?: string[] | undefined }) =>
  headers["set-cookie"]?.[0]?.split(";")[0] ?? ""

async function signIn(token: string): Promise<string> {
  const { headers } = await server.fetch(`/?token=${token}`)
  return cookieOf(headers)
}

beforeEach(async () => {
  server = await aServer({ pages: echo })
  await server.app.ready()
})
afterEach(() => server.close())

describe("host and origin", () => {
  test.each([
    ["/", "rebind.evil"],
    ["/api/session", "rebind.evil:80"],
    ["/metrics", "127.0.0.1.evil.example"],
    ["/socket.io/?EIO=4&transport=polling", "rebind.evil"],
    ["/_next/static/x.js", "rebind.evil"],
  ])(
    "S2: %s with the host %s is refused, and the message names the setting that would allow it",
    async (path, host) => {
      const response = await server.fetch(path, { headers: { host } })
      expect(response.status).toBe(403)
      expect(response.body).toContain("TURNLINE_ALLOWED_HOSTS")
    },
  )

  test.each(["https://evil.example", "null", "http://localhost.evil.com", "http://127.0.0.1:1"])(
    "S2: a page from %s is refused, even with a cookie",
    async (origin) => {
      const cookie = await signIn(server.viewer)
      for (const path of ["/", "/api/session", "/socket.io/?EIO=4&transport=polling"]) {
        const response = await server.fetch(path, { headers: { origin, cookie } })
        expect(response.status).toBe(403)
        expect(response.body).toContain("TURNLINE_ALLOWED_ORIGINS")
      }
    },
  )

  test("health checks respond under any host name", async () => {
    for (const path of ["/healthz", "/readyz"])
      expect((await server.fetch(path, { headers: { host: "10.1.2.3:9" } })).status).toBe(200)
  })

  test("a URL that a browser could read as another host is refused", async () => {
    for (const path of ["//evil.example/?token=x", "/\\evil.example", "http://evil.example/"])
      expect((await server.fetch(path)).status).toBe(400)
  })
})

describe("headers", () => {
  test.each([
    "/",
    "/runs/x",
    "/nowhere",
    "/sign-in",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/session",
    "/api/nowhere",
    "/packages/turnline-agent.tgz",
    "/api/runs/x/export",
    "/_next/static/x.js",
    "/favicon.ico",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=3&transport=polling",
  ])("S14: %s has all security headers", async (path) => {
    const { headers } = await server.fetch(path)
    expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers["x-content-type-options"]).toBe("nosniff")
    expect(headers["referrer-policy"]).toMatch(/^(no-referrer|same-origin)$/)
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin")
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin")
    expect(headers["x-powered-by"]).toBeUndefined()
    expect(headers.server).toBeUndefined()
    expect(headers["strict-transport-security"]).toBeUndefined()
  })

  test("S14: a page runs only scripts with a nonce, which is new for each request and passed to Next", async () => {
    const cookie = await signIn(server.viewer)
    const nonces = new Set<string>()
    for (const _ of [1, 2]) {
      const { headers, body } = await server.fetch("/", { headers: { cookie } })
      const csp = String(headers["content-security-policy"])
      const script = /script-src 'nonce-([\w+/=]{22,})' 'strict-dynamic'(;|$)/.exec(csp)
      nonces.add(script?.[1] ?? "")
      expect(csp).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/)
      expect(JSON.parse(body).csp).toBe(csp)
    }
    expect(nonces.size).toBe(2)
  })

  test("pages may only be framed by the configured origins", async () => {
    const portal = "https://portal.example"
    const framed = await aServer({ pages: echo, env: { TURNLINE_FRAME_ANCESTORS: portal } })
    await framed.app.ready()
    const cookie = cookieOf((await framed.fetch(`/?token=${framed.viewer}`)).headers)
    const page = await framed.fetch("/", { headers: { cookie } })
    expect(page.headers["content-security-policy"]).toMatch(/; frame-ancestors https:\/\/portal\.example$/)
    expect(page.headers["x-frame-options"]).toBeUndefined()
    const api = await framed.fetch("/api/session", { headers: { cookie } })
    expect(api.headers["content-security-policy"]).toContain("frame-ancestors 'none'")
    expect(api.headers["x-frame-options"]).toBe("DENY")
    await framed.close()
  })

  test("S15: headers that Next uses internally don't reach it", async () => {
    const cookie = await signIn(server.viewer)
    const { body } = await server.fetch("/", {
      headers: { cookie, "x-middleware-subrequest": "a:a:a:a:a", "next-action": "x" },
    })
    expect(JSON.parse(body).inner).toEqual([])
  })

  test("S15: no request body reaches Next, whatever its type", async () => {
    const cookie = await signIn(server.viewer)
    const flight =
      '["$1:a:a"],{"then":"$1:__proto__:then","status":"resolved_model","_response":{"_prefix":"x"}}'
    for (const type of ["text/x-component", "multipart/form-data; boundary=x", "text/plain;charset=UTF-8"])
      for (const path of ["/", "/runs/1", "/sign-in"]) {
        const headers = { cookie, "next-action": "x", "content-type": type }
        const { status, body } = await server.fetch(path, { method: "POST", headers, body: flight })
        expect(status).toBe(405)
        expect(body).not.toContain('"page"')
      }
  })

  test("S24: requests caused by another site change nothing", async () => {
    const cookie = await signIn(server.viewer)
    const json = JSON.stringify({ name: "x", write: ["*"] })
    const sends = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]
    for (const more of sends)
      for (const path of ["/api/sign-in", "/api/sign-out", "/api/tokens"])
        for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/json"]) {
          const headers = { cookie, "content-type": type, ...more }
          const { status } = await server.fetch(path, { method: "POST", headers, body: json })
          expect({ path, type, more, status }).toEqual({ path, type, more, status: 403 })
        }
    expect((await server.fetch("/api/session", { headers: { cookie } })).status).toBe(200)
  })

  test("S24: other methods are refused", async () => {
    const cookie = await signIn(server.viewer)
    for (const [method, path] of [
      ["POST", "/"],
      ["PUT", "/api/session"],
      ["DELETE", "/api/runs/x/export"],
      ["GET", "/api/sign-in"],
      ["TRACE", "/"],
      ["PUT", "/socket.io/?EIO=4&transport=polling"],
    ])
      expect((await server.fetch(path ?? "", { method, headers: { cookie } })).status).toBe(405)
  })
})

describe("signing in", () => {
  test("without a session, every page is the sign-in page", async () => {
    for (const path of ["/", "/runs/1?at=2", "/compare", "/sign-in"]) {
      const { body, headers } = await server.fetch(path, { headers: { rsc: "1" } })
      expect(JSON.parse(body)).toMatchObject({ page: "/sign-in", inner: [] })
      // Without a referrer, browsers would submit the form with `Origin: null`.
      expect(headers["referrer-policy"]).toBe("same-origin")
    }
    expect((await server.fetch("/_next/data/x.json")).status).toBe(401)
  })

  test("S3: a link with a token sets a cookie that scripts can't read, and redirects without the token", async () => {
    const { status, headers } = await server.fetch(`/runs/1?at=2&token=${server.viewer}`)
    expect(status).toBe(303)
    expect(headers.location).toBe("/runs/1?at=2")
    expect(headers["cache-control"]).toBe("no-store")
    expect(headers["referrer-policy"]).toBe("no-referrer")
    const [cookie = ""] = headers["set-cookie"] ?? []
    expect(cookie).toMatch(
      new RegExp(`^${server.cookieName}=[\\w-]{43}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax$`),
    )
    const { body } = await server.fetch("/runs/1", { headers: { cookie: cookieOf(headers) } })
    expect(JSON.parse(body).page).toBe("/runs/1")
  })

  test("the sign-in page explains an invalid token and an expired session", async () => {
    const wrong = await server.fetch("/runs/1?token=wrong")
    expect(wrong.status).toBe(303)
    expect(wrong.headers.location).toBe("/sign-in?reason=wrong&to=%2Fruns%2F1")
    const output = JSON.parse((await server.fetch(String(wrong.headers.location))).body).page
    expect(output).toBe("/sign-in?reason=wrong")
    const headers = { cookie: `${server.cookieName}=${"x".repeat(43)}` }
    expect(JSON.parse((await server.fetch("/", { headers })).body).page).toBe("/sign-in?reason=ended")
  })

  test("S24: signing in with a page's form returns to that page", async () => {
    const post = (token: string, more: Record<string, string> = {}) =>
      server.fetch("/api/sign-in", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", ...more },
        body: `token=${token}`,
      })
    const referer = `${server.url}/runs/1?at=2`
    const good = await post(server.viewer, { referer, origin: server.url, host: `127.0.0.1:${server.port}` })
    expect(good.status).toBe(303)
    expect(good.headers.location).toBe("/runs/1?at=2")
    expect(cookieOf(good.headers)).toContain(server.cookieName)
    const bad = await post("wrong")
    expect(bad.headers.location).toBe("/sign-in?reason=wrong&to=%2F")
    expect(bad.headers["set-cookie"]).toBeUndefined()
    expect((await post(server.viewer, { referer: "http://evil.example/x" })).headers.location).toBe("/")
    expect((await post(server.viewer, { "sec-fetch-site": "cross-site" })).status).toBe(403)
    expect((await post("x".repeat(10_000))).status).toBe(413)
  })

  test("S8 S24: signing out ends only this session and its connections", async () => {
    const cookie = await signIn(server.viewer)
    const other = await signIn(server.viewer)
    const [mine, others] = await Promise.all(
      [cookie, other].map((sent) => server.connect(undefined, { extraHeaders: { cookie: sent } })),
    )
    const left = new Promise((resolve) => mine?.once("disconnect", resolve))
    const response = await server.fetch("/api/sign-out", { method: "POST", headers: { cookie } })
    expect(response.status).toBe(204)
    expect(response.headers["set-cookie"]?.[0]).toContain("Max-Age=0")
    expect(await left).toBe("io server disconnect")
    expect(others?.connected).toBe(true)
    expect((await server.fetch("/api/session", { headers: { cookie } })).status).toBe(401)
    expect((await server.fetch("/api/session", { headers: { cookie: other } })).status).toBe(200)
  })

  test("the page gets its rights, but no credentials", async () => {
    const cookie = await signIn(server.viewer)
    const { body } = await server.fetch("/api/session", { headers: { cookie } })
    const rights = { name: "viewer", read: "all", control: true, mint: false }
    expect(JSON.parse(body)).toEqual({ ...rights, packages: [] })
    expect((await server.fetch("/api/session")).status).toBe(401)
  })

  test("S3: tokens and cookies are never logged", async () => {
    const lines: string[] = []
    const logged = await aServer({ pages: echo, log: (line) => lines.push(line) })
    try {
      await logged.app.ready()
      const { headers } = await logged.fetch(`/?token=${logged.viewer}`)
      await logged.fetch("/?token=tl_wrong_secret")
      await logged.fetch("/", { headers: { host: "evil", cookie: cookieOf(headers) } })
      await logged.connect(logged.agent)
      await logged.connect("tl_wrong_secret").catch(() => undefined)
      expect(lines.join("")).toContain("signed in")
      const secrets = [
        logged.viewer,
        logged.agent,
        "tl_wrong_secret",
        cookieOf(headers).split("=")[1] ?? "none",
      ]
      for (const secret of secrets) expect(lines.join("")).not.toContain(secret)
    } finally {
      await logged.close()
    }
  })
})

describe("a page of an allowed origin", () => {
  test("may connect over both transports without cookies, and do nothing else", async () => {
    const origin = "https://tool.example"
    const open = await aServer({ pages: echo, env: { TURNLINE_ALLOWED_ORIGINS: origin } })
    try {
      const poll = await open.fetch("/socket.io/?EIO=4&transport=polling", { headers: { origin } })
      expect(poll.status).toBe(200)
      expect(poll.headers["access-control-allow-origin"]).toBe(origin)
      expect(poll.headers["access-control-allow-credentials"]).toBeUndefined()
      const asked = await open.fetch("/socket.io/?EIO=4&transport=polling", {
        method: "OPTIONS",
        headers: { origin },
      })
      expect(asked.status).toBe(204)
      const session = await open.fetch("/api/session", { headers: { origin, ...bearer(open.viewer) } })
      expect(session.headers["access-control-allow-origin"]).toBeUndefined()
      const client = await open.connect(open.viewer, { extraHeaders: { origin } })
      expect(client.connected).toBe(true)
    } finally {
      await open.close()
    }
  })
})

describe("creating tokens on the page", () => {
  const asked = (cookie: string, body: object, type = "application/json") =>
    server.fetch("/api/tokens", {
      method: "POST",
      headers: { cookie, "content-type": type },
      body: JSON.stringify(body),
    })

  test("needs the right to mint, and creates a token that can only write", async () => {
    const minter = await aToken(server.accessStore, {
      name: "minter",
      read: "all",
      control: true,
      mint: true,
    })
    const cookie = await signIn(minter)
    const made = await asked(cookie, { name: "new", write: ["a/*"], control: true, mint: true, read: "own" })
    expect(made.status).toBe(201)
    const { token } = JSON.parse(made.body)
    const session = await server.fetch("/api/session", { headers: bearer(token) })
    const rights = { name: "new", read: "own", control: false, mint: false }
    expect(JSON.parse(session.body)).toEqual({ ...rights, packages: [] })
    const agent = await server.connect(token)
    expect(await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a/1" })).toMatchObject({
      ok: true,
    })
    expect((await asked(cookie, { name: "all", read: "all" })).status).toBe(400)
    expect((await asked(cookie, { name: "form" }, "text/plain")).status).toBe(415)
  })

  test("S24: can't give more rights to read than its creator has, nor the right to read everything", async () => {
    const own = { name: "own", write: ["ci/*"], read: "own" as const, mint: true }
    const cookie = await signIn(await aToken(server.accessStore, own))
    const status = async (body: object) => (await asked(cookie, { name: "new", ...body })).status
    expect(await status({ write: ["ci/1", "ci/b*"] })).toBe(201)
    expect(await status({ read: ["ci/*"] })).toBe(201)
    for (const read of [["*"], ["c*"], ["cd/1"], ["ci/1", "x"]]) expect(await status({ read })).toBe(403)
    expect(await status({ write: ["*"] })).toBe(403)
    expect(await status({ write: ["cd/*"] })).toBe(403)
    const all = await signIn(await aToken(server.accessStore, { name: "all", read: "all", mint: true }))
    expect((await asked(all, { name: "new", write: ["*"] })).status).toBe(403)
    expect((await asked(all, { name: "new", write: ["anyone/*"] })).status).toBe(201)
  })

  test("S24: is refused without the right to mint", async () => {
    expect((await asked(await signIn(server.viewer), { name: "x" })).status).toBe(403)
    expect((await asked("", { name: "x" })).status).toBe(401)
  })
})

describe("over https", () => {
  test("S14: cookies are Secure, and HSTS is set", async () => {
    const tls = await aServer({ pages: echo, env: { TURNLINE_PUBLIC_URL: "https://t.example" } })
    try {
      await tls.app.ready()
      const { headers } = await tls.fetch(`/?token=${tls.viewer}`, { headers: { host: "t.example" } })
      expect(headers["set-cookie"]?.[0]).toMatch(/; Secure(;|$)/)
      expect(headers["strict-transport-security"]).toBeDefined()
    } finally {
      await tls.close()
    }
  })
})

describe("metrics", () => {
  test("S23: need a token that may read all runs", async () => {
    const some = await aToken(server.accessStore, { name: "some", read: ["a"], write: ["a"] })
    expect((await server.fetch("/metrics")).status).toBe(401)
    expect((await server.fetch("/metrics", { headers: bearer(some) })).status).toBe(401)
    expect((await server.fetch("/metrics", { headers: bearer(server.agent) })).status).toBe(401)
    const { status, body } = await server.fetch("/metrics", { headers: bearer(server.viewer) })
    expect(status).toBe(200)
    for (const name of [
      "turns_total",
      "commands_total",
      "connections",
      "event_loop_delay_seconds",
      "queued_bytes",
    ])
      expect(body).toContain(`turnline_${name}`)
  })

  test("S23: health checks return the same few bytes to everybody", async () => {
    const health = () =>
      Promise.all(
        ["/healthz", "/readyz"].map(
          async (path) => (await server.fetch(path, { headers: bearer("wrong") })).body,
        ),
      )
    const before = await health()
    const agent = await server.connect(server.agent)
    await agent.emitWithAck("runs.start", { intent: "secret work", agent_id: "a" })
    expect(await health()).toEqual(before)
    for (const body of before) expect(body.length).toBeLessThan(32)
  })

  test("S23: count commands by result, without naming runs", async () => {
    const agent = await server.connect(server.agent)
    const started = await agent.emitWithAck("runs.start", { intent: "count", agent_id: "a" })
    const run_id = started.ok ? started.run_id : ""
    await agent.emitWithAck("runs.record_turns", { run_id, turns: [{}, {}] })
    await agent.emitWithAck("runs.record_turns", { run_id: "none", turns: [{}] })
    const { body } = await server.fetch("/metrics", { headers: bearer(server.viewer) })
    expect(body).toContain("turnline_turns_total 2")
    expect(body).toContain('turnline_commands_total{command="runs.record_turns",code="not_found"} 1')
    expect(body).not.toContain(run_id)
  })
})

describe("readiness", () => {
  test("I5: reflects the state of the store", async () => {
    const store = new MemoryRunStore()
    store.healthy = async () => false
    const unhealthy = await aServer({ store })
    try {
      expect((await unhealthy.fetch("/readyz")).status).toBe(503)
      expect((await unhealthy.fetch("/healthz")).status).toBe(200)
    } finally {
      await unhealthy.close()
    }
  })
})

describe("export", () => {
  async function aRun() {
    const agent = await server.connect(server.agent)
    const started = await agent.emitWithAck("runs.start", { intent: "export", agent_id: "a" })
    const run_id = started.ok ? started.run_id : ""
    await agent.emitWithAck("runs.record_turns", {
      run_id,
      turns: [{ message: "x".repeat(40_000) }, { tool: "bash" }],
    })
    await agent.emitWithAck("runs.complete", { run_id, outcome: { status: "success" } })
    return run_id
  }

  test("is the complete trace, one record per line, with a safe file name", async () => {
    const run_id = await aRun()
    const { status, headers, body } = await server.fetch(`/api/runs/${run_id}/export`, {
      headers: bearer(server.viewer),
    })
    expect(status).toBe(200)
    expect(headers["content-disposition"]).toBe(`attachment; filename="turnline-${run_id}.jsonl"`)
    expect(headers["cache-control"]).toBe("no-store")
    const records = body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(records.map(({ record }) => record)).toEqual(["started", "turn", "turn", "ended"])
    expect(records[1].message).toHaveLength(40_000)
  })

  test("as JSON contains the run and the same records", async () => {
    const run_id = await aRun()
    const { body } = await server.fetch(`/api/runs/${run_id}/export?format=json`, {
      headers: bearer(server.viewer),
    })
    const { run, records } = JSON.parse(body)
    expect(run).toMatchObject({ run_id, cursor: 2, status: "completed" })
    expect(records).toHaveLength(4)
  })

  test("ends without an error when the client disconnects", async () => {
    const lines: string[] = []
    let released: () => void = () => undefined
    const store = new MemoryRunStore()
    const logged = await aServer({ store, log: (line) => lines.push(line) })
    try {
      const agent = await logged.connect(logged.agent)
      const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
      const run_id = started.ok ? started.run_id : ""
      await agent.emitWithAck("runs.record_turns", { run_id, turns: [{}] })
      const reading = new Promise<void>((asked) => {
        const { turns } = store
        store.turns = async (read) => {
          asked()
          await new Promise<void>((resolve) => {
            released = resolve
          })
          return turns.call(store, read)
        }
      })
      const sent = request({
        host: "127.0.0.1",
        port: logged.port,
        path: `/api/runs/${run_id}/export`,
        headers: bearer(logged.viewer),
      })
      sent.on("error", () => undefined)
      sent.end()
      await reading
      sent.destroy()
      await expect.poll(async () => (await logged.fetch("/healthz")).status).toBe(200)
      released()
      await logged.fetch("/readyz")
      expect(lines.filter((line) => line.includes("request failed"))).toEqual([])
    } finally {
      await logged.close()
    }
  })

  test("I29 S5: unknown, foreign and malformed run ids get the same response", async () => {
    const run_id = await aRun()
    const answers = await Promise.all(
      [run_id, "unknown", "%E0%A4%A", "x".repeat(500)].map((id) =>
        server.fetch(`/api/runs/${id}/export`, { headers: bearer(server.agent) }),
      ),
    )
    for (const { status, body } of answers)
      expect({ status, body }).toEqual({ status: 404, body: answers[0]?.body })
    expect((await server.fetch(`/api/runs/${run_id}/export`)).status).toBe(401)
    expect(
      (await server.fetch(`/api/runs/${run_id}/export?format=csv`, { headers: bearer(server.viewer) }))
        .status,
    ).toBe(400)
  })
})
