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
  test("lists runs under the filter of the query", async () => {
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

  test.each([
    "limit=many",
    "sort=size",
    "order=up",
    "since=soon",
    "status=completed,odd",
    "after=noon",
    "label=x",
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

  test("S5: a run of another reader is as unknown as one that doesn't exist", async () => {
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

  test("refuses other methods and names the right one", async () => {
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

test("unknown endpoints say so", async () => {
  expect(await get("/api/nothing")).toMatchObject({
    status: 404,
    body: { error: { message: "No such endpoint." } },
  })
})

describe("GET /api/runs/:runId/search", () => {
  test("finds the turns that have all words, under the filters", async () => {
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
