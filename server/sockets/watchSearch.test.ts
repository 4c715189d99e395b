import { afterEach, beforeEach, expect, test } from "vitest"
import { aServer, type TestClient, type TestServer } from "@/lib/testing/aServer"
import { eventually } from "@/lib/testing/eventually"

let server: TestServer
let agent: TestClient
let viewer: TestClient
beforeEach(async () => {
  server = await aServer()
  agent = await server.connect(server.agent)
  viewer = await server.connect(server.viewer)
})
afterEach(() => server.close())

async function start(intent: string, ...messages: string[]): Promise<string> {
  const started = await agent.emitWithAck("runs.start", { agent_id: "a", intent })
  if (!started.ok) throw new Error(started.error.message)
  await say(started.run_id, ...messages)
  return started.run_id
}

async function say(run_id: string, ...messages: string[]): Promise<void> {
  if (messages.length === 0) return
  await agent.emitWithAck("runs.record_turns", { run_id, turns: messages.map((message) => ({ message })) })
}

test("a watch with a search has the same runs as a list, even after later turns", async () => {
  const first = await start("one", "a needle here")
  const other = await start("two", "nothing")
  const listed = new Set<string>()
  viewer.on("runs.registry.event", ({ upserts, removed }) => {
    for (const { run_id } of upserts) listed.add(run_id)
    for (const run_id of removed) listed.delete(run_id)
  })
  const watched = await viewer.emitWithAck("runs.watch", { q: "needle" })
  if (!watched.ok) throw new Error(watched.error.message)
  expect(watched.runs.map((run: { run_id: string }) => run.run_id)).toEqual([first])
  expect(watched.counts).toMatchObject({ in_progress: 1 })
  await say(other, "hay", "the NEEDLES")
  await eventually(() => expect([...listed]).toEqual([other]))
  await say(first, "still listed")
  const third = await start("needle in the intent")
  await eventually(() => expect([...listed].sort()).toEqual([first, other, third].sort()))
  const again = await viewer.emitWithAck("runs.list", { q: "needle" })
  expect(again.ok && again.runs.map((run: { run_id: string }) => run.run_id).sort()).toEqual(
    [first, other, third].sort(),
  )
})
