import { expect, test } from "vitest"
import { anOwner, aPrincipal } from "@/lib/testing/builders"
import { registryWorld } from "@/lib/testing/registryWorld"

const everyone = aPrincipal()
const source = { name: "claude-code", session: "s1" }
const SESSION = { intent: "x", source, labels: { session: "s1" }, idempotency_key: "claude-code:s1" }

type World = ReturnType<typeof registryWorld>
type Start = Parameters<World["registry"]["start"]>[2]

async function start(w: World, more: object, principal = everyone) {
  const reply = await w.registry.start(anOwner(), principal, { ...SESSION, ...more } as Start)
  if (!reply.ok) throw new Error(JSON.stringify(reply))
  return reply
}

async function complete(w: World, run_id: string) {
  await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "done" } } as never)
}

test("a session in progress is one run, even if it is started with different agents", async () => {
  const w = registryWorld()
  const { run_id } = await start(w, { agent_id: "claude-code/shop" })
  expect(await start(w, { agent_id: "otel/claude-code" })).toMatchObject({
    ...{ run_id, agent_id: "claude-code/shop", created: false },
  })
})

test("an ended run is found by a start before its end, but not by a later start", async () => {
  const w = registryWorld()
  const started_at = new Date(w.clock.now()).toISOString()
  const { run_id } = await start(w, { agent_id: "claude-code/shop", started_at })
  w.clock.advance(10_000)
  await complete(w, run_id)
  expect(await start(w, { agent_id: "b", started_at })).toMatchObject({ run_id, status: "completed" })
  w.clock.advance(10_000)
  const later = new Date(w.clock.now()).toISOString()
  expect(await start(w, { agent_id: "b", started_at: later })).toMatchObject({ created: true })
})

test.each([
  ["with their own keys", { idempotency_key: "mine" }],
  ["without a key", { idempotency_key: undefined }],
  ["from another program", { source: { name: "other", session: "s1" }, idempotency_key: "other:s1" }],
  ["with a parent", { parent: { run_id: "p" } }],
  ["of a session with a longer name", { idempotency_key: "claude-code:s12" }],
])("runs %s stay separate from the session's run", async (_case, more) => {
  const w = registryWorld()
  await start(w, { agent_id: "a" })
  expect(await start(w, { agent_id: "b", ...more })).toMatchObject({ created: true, agent_id: "b" })
})

test("a run that the caller may not write isn't found", async () => {
  const w = registryWorld()
  await start(w, { agent_id: "a" })
  const other = aPrincipal({ token_id: "t2", write: ["b"] })
  expect(await start(w, { agent_id: "b" }, other)).toMatchObject({ created: true, agent_id: "b" })
})

test("the reply to a start says who writes the run's turns", async () => {
  const w = registryWorld()
  await start(w, { agent_id: "a", labels: { session: "s1", recorded_by: "hooks" } })
  expect(await start(w, { agent_id: "a" })).toMatchObject({ created: false, recorded_by: "hooks" })
})
