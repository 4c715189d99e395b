import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { aServer, aToken, type TestServer } from "@/lib/testing/aServer"

let server: TestServer
let runId: string
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

beforeEach(async () => {
  server = await aServer()
  const agent = await server.connect(server.agent)
  const started = await agent.emitWithAck("runs.start", { agent_id: "ci/1", intent: "Fix the build" })
  if (!started.ok) throw new Error(started.error.message)
  runId = started.run_id
  const turns = Array.from({ length: 5 }, (_, index) => ({ message: `turn ${index}` }))
  await agent.emitWithAck("runs.record_turns", { run_id: runId, turns })
})
afterEach(() => server.close())

async function get(path: string, headers: Record<string, string> = bearer(server.viewer)) {
  const { status, body } = await server.fetch(path, { headers })
  return { status, body: JSON.parse(body) }
}

describe("GET /api/runs", () => {
  test("lists the runs that match the query's filter", async () => {
    const { status, body } = await get("/api/runs?agent=ci/1&status=in_progress&limit=10")
    expect(status).toBe(200)
    expect(body).toMatchObject({ runs: [{ run_id: runId, cursor: 5 }], counts: { in_progress: 1 } })
    expect((await get("/api/runs?since=1h&sort=errors&order=asc")).body.runs).toMatchObject([
      { run_id: runId },
    ])
  })

  test("an unknown agent is an error that suggests a similar one", async () => {
    const { status, body } = await get("/api/runs?agent=ci/l")
    expect(status).toBe(404)
    expect(body.error).toEqual({ code: "not_found", message: 'No agent "ci/l". Did you mean "ci/1"?' })
  })

  test("S5: agents whose runs the caller may not see are unknown, and aren't suggested", async () => {
    const reader = await aToken(server.accessStore, { read: ["other/*"] })
    for (const name of ["ci/1", "ci/2"]) {
      const { status, body } = await get(`/api/runs?agent=${name}`, bearer(reader))
      expect([status, body.error.message]).toEqual([404, `No agent "${name}".`])
    }
  })

  test("accepts the parameter names of runs.list, and flags as words", async () => {
    const agent = await server.connect(server.agent)
    const child = await agent.emitWithAck("runs.start", {
      ...{ agent_id: "ci/2", intent: "Part", parent: { run_id: runId }, labels: { "a=b": "c" } },
    })
    const childId = child.ok ? child.run_id : ""
    const found = async (query: string) =>
      (await get(`/api/runs?${query}`)).body.runs.map((run: { run_id: string }) => run.run_id)
    expect(await found("agent_id=ci/1")).toEqual([runId])
    expect(await found("agent_id=ci/nobody")).toEqual([])
    expect(await found(`parent_run_id=${runId}`)).toEqual([childId])
    expect(await found("labels=a%253Db%3Dc")).toEqual([childId])
    expect(await found("started_before=2020-01-01T00:00:00Z")).toEqual([])
    expect(await found("started_after=2020-01-01T00:00:00Z")).toHaveLength(2)
    expect(await found("overlaps=2020-01-01T00:00:00Z/2020-01-02T00:00:00Z")).toEqual([])
    expect(await found("status=completed&status=in_progress")).toHaveLength(2)
    expect(await found("failed=true")).toEqual([])
    expect(await found("waiting=0")).toHaveLength(2)
    const counted = await get("/api/runs?failed_since=2020-01-01T00:00:00Z")
    expect(counted.body.counts).toMatchObject({ failed: 0 })
  })

  test.each([
    ["/api/runs?agentid=ci/1", 'agentid: this parameter doesn\'t exist. Did you mean "agent_id"?'],
    ["/api/runs?stauts=completed&lable=x", /^stauts: .*"status"\? lable: .*"label"/],
    ["/api/runs/RUN?full=1", "full: this parameter doesn't exist. This path has no parameters."],
    ["/api/runs/RUN/turns?cursor=3", /^cursor: /],
    ["/api/runs/RUN/turns/0?x", /^x: /],
    ["/api/runs/RUN/search?query=x", /^query: .*"q"/],
    ["/api/runs/RUN/export?fromat=json", /^fromat: .*"format"/],
  ])("a parameter that doesn't exist is reported with a suggestion: %s", async (path, message) => {
    const { status, body } = await get(path.replace("RUN", runId))
    const expected = typeof message === "string" ? message : expect.stringMatching(message)
    expect({ status, ...body }).toEqual({ status: 400, error: { code: "invalid_params", message: expected } })
  })

  test("a limit that isn't a number is reported with its value", async () => {
    const { body } = await get("/api/runs?limit=many")
    expect(body.error.message).toBe('limit: "many" isn\'t valid.')
  })

  test.each([
    "limit=many",
    "sort=size",
    "order=up",
    "since=soon",
    "status=completed,odd",
    "after=noon",
    "label=x",
    "label=a%3Db&label=x",
    "waiting=yes",
    "agent=a&agent=b",
    "overlaps=2020-01-01T00:00:00Z",
    "failed_since=yesterday",
    "started_after=noon",
  ])("names the parameter that is invalid: %s", async (query) => {
    const { status, body } = await get(`/api/runs?${query}`)
    expect(status).toBe(400)
    const message = expect.stringMatching(new RegExp(`^${query.split("=")[0]}: `))
    expect(body.error).toMatchObject({ code: "invalid_params", message })
  })
})

describe("GET /api/runs/:runId", () => {
  test("returns the run's summary", async () => {
    expect(await get(`/api/runs/${runId}`)).toMatchObject({ status: 200, body: { intent: "Fix the build" } })
  })

  test("S5: a run that the token may not read gets the same response as one that doesn't exist", async () => {
    const reader = await aToken(server.accessStore, { read: ["other/*"] })
    for (const suffix of ["", "/turns", "/turns/0", "/search", "/export"]) {
      const foreign = await get(`/api/runs/${runId}${suffix}`, bearer(reader))
      expect(foreign).toEqual(await get(`/api/runs/no-such-run${suffix}`))
      expect(foreign.status).toBe(404)
    }
  })

  test("accepts the token as x-api-key and as the password of Basic", async () => {
    const basic = Buffer.from(`anything:${server.viewer}`).toString("base64")
    for (const headers of [{ "x-api-key": server.viewer }, { authorization: `Basic ${basic}` }])
      expect((await get(`/api/runs/${runId}`, headers)).status).toBe(200)
    expect((await get(`/api/runs/${runId}`, {})).status).toBe(401)
  })

  test("refuses other methods and names the supported one", async () => {
    const answer = await server.fetch(`/api/runs/${runId}`, { method: "PUT", headers: bearer(server.viewer) })
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"])
  })
})

describe("GET /api/runs/:runId/turns", () => {
  test("pages through the turns", async () => {
    const first = await get(`/api/runs/${runId}/turns?limit=3`)
    expect(first.body).toMatchObject({ turns: [{ message: "turn 0" }, {}, { index: 2 }], next: 3 })
    const rest = await get(`/api/runs/${runId}/turns?from=3`)
    expect(rest.body.turns.map((turn: { index: number }) => turn.index)).toEqual([3, 4])
    expect(rest.body).not.toHaveProperty("next")
  })

  test("returns one turn", async () => {
    expect(await get(`/api/runs/${runId}/turns/4`)).toMatchObject({
      status: 200,
      body: { message: "turn 4" },
    })
    for (const index of ["5", "-1", "x"])
      expect((await get(`/api/runs/${runId}/turns/${index}`)).status, index).toBe(404)
  })
})

test("an unknown endpoint returns an error that says so", async () => {
  expect(await get("/api/nothing")).toMatchObject({
    status: 404,
    body: { error: { message: "No such endpoint." } },
  })
})

describe("GET /api/runs/:runId/search", () => {
  test("finds the turns that have all words and match the filters", async () => {
    const found = (query: string) => get(`/api/runs/${runId}/search?${query}`)
    expect(await found("q=TURN+3")).toMatchObject({
      status: 200,
      body: { hits: [{ index: 3, field: "message", excerpt: "turn 3" }], total: 1, total_is_exact: true },
    })
    const { body } = await found("kind=model&kind=tool&limit=2")
    expect(body).toMatchObject({ hits: [{ index: 0 }, { index: 1 }], total: 5, next: 2 })
    expect((await found("kind=model&from=2&min_cost=0")).body.hits).toHaveLength(3)
    expect((await found("errors=1")).body).toMatchObject({ hits: [], total: 0 })
  })

  test("names the parameter that is invalid", async () => {
    for (const [query, name] of [
      ["limit=0", "limit"],
      ["kind=nonsense", "kinds"],
      ["errors=maybe", "errors"],
    ]) {
      const { status, body } = await get(`/api/runs/${runId}/search?${query}`)
      expect([status, body.error.code, body.error.message]).toEqual([
        400,
        "invalid_params",
        expect.stringContaining(`${name}`),
      ])
    }
  })
})

test("all reads together are limited per token, and a refusal says when to retry", async () => {
  const slow = await aServer({ env: { TURNLINE_READS_PER_TOKEN: "2" } })
  try {
    const read = (token: string, path = "/api/runs") => slow.fetch(path, { headers: bearer(token) })
    const paths = ["", "/none", "/none/turns", "/none/turns/0", "/none/search", "/none/export"]
    for (let n = 0; n < 8; n++) {
      const { status } = await read(slow.viewer, `/api/runs${paths[n % paths.length]}`)
      expect([200, 404]).toContain(status)
    }
    let response = await read(slow.viewer)
    // On a slow machine, the bucket may have been refilled in the meantime.
    while (response.status === 200) response = await read(slow.viewer)
    expect(response.status).toBe(429)
    expect(Number(response.headers["retry-after"])).toBe(1)
    const { error } = JSON.parse(response.body)
    expect(error).toMatchObject({ code: "rate_limited", retry_after_ms: expect.any(Number) })
    const other = await aToken(slow.accessStore, { read: "all" })
    expect((await read(other)).status).toBe(200)
  } finally {
    await slow.close()
  }
})

test("with a limit of 0, reads aren't limited", async () => {
  const free = await aServer({ env: { TURNLINE_READS_PER_TOKEN: "0" } })
  try {
    const responses = await Promise.all(
      Array.from({ length: 600 }, () => free.fetch("/api/runs/none", { headers: bearer(free.viewer) })),
    )
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([404]))
  } finally {
    await free.close()
  }
})
