import { afterEach, beforeEach, expect, test } from "vitest"
import { COMMANDS } from "@/lib/protocol/catalog"
import { aServer, type TestClient, type TestServer } from "@/lib/testing/aServer"

let server: TestServer
let agent: TestClient
beforeEach(async () => {
  server = await aServer()
  agent = await server.connect(server.agent)
})
afterEach(() => server.close())

/** Returns the properties of the prototypes of objects, functions, arrays and strings. */
const builtIns = () =>
  [Object, Array, String, Number, Function, Promise, Map].map(({ prototype }) =>
    Object.getOwnPropertyNames(prototype).sort().join(),
  )

/**
 * Returns JSON with keys that could reach prototypes, at every level. Built as text, because a literal would set the
 * prototype.
 */
function poisoned(run_id: string): string[] {
  const poison =
    '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1}'
  const dotted = '"__proto__.polluted":1,"constructor.prototype.polluted":1,"a[__proto__][polluted]":1'
  const id = `"run_id":${JSON.stringify(run_id)}`
  return [
    `{${poison},${id}}`,
    `{${id},"agent_id":"a","intent":"x","labels":{"__proto__":"polluted","constructor":"polluted"}}`,
    `{"agent_id":"a","intent":"x","labels":{${dotted.replaceAll(":1", ':"1"')}}}`,
    `{${id},"turns":[{${poison},"parameters":{${poison},${dotted},"deep":[{${poison}}]},"output":{${poison}},"usage":{${poison}}}]}`,
    `{${id},"progress":{${poison},"parameters":{${poison},${dotted}}}}`,
    `{${id},"outcome":{"status":"done",${poison},"data":{${poison}}}}`,
    `{"labels":{${poison}},${poison}}`,
    `{"agent_id":"__proto__","intent":"constructor","idempotency_key":"__proto__"}`,
    `{"run_id":"__proto__"}`,
    `{"run_id":"constructor","index":0}`,
  ]
}

test("S12: no command changes a prototype, whatever the names and the depth of its keys", async () => {
  const before = builtIns()
  const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
  const run_id = started.ok ? started.run_id : ""
  const ask = agent as unknown as { emitWithAck(event: string, payload: unknown): Promise<{ ok: boolean }> }
  let carriedOut = 0
  for (const event of Object.keys(COMMANDS))
    for (const text of poisoned(run_id)) {
      const { ok } = await ask.emitWithAck(event, JSON.parse(text))
      if (ok) carriedOut += 1
    }
  expect(carriedOut).toBeGreaterThan(20)
  expect(builtIns()).toEqual(before)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  const viewer = await server.connect(server.viewer)
  expect(await viewer.emitWithAck("runs.get_trace", { run_id })).toMatchObject({ ok: true })
})
