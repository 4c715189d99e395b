import { expect, onTestFinished, test } from "vitest"
import { NOTHING } from "./feeds/RecordFeed"
import { type SessionSpec, Sessions } from "./Sessions"
import type { SessionReducer } from "./sources/Source"
import { FakeRunServer } from "./testing/FakeRunServer"

const KEY = "tool:child"

const reducer: SessionReducer = {
  initial: () => undefined,
  reduce(state, input) {
    if (input.kind !== "record") return { state, operations: [] }
    return {
      state,
      operations: [
        { op: "start", key: KEY, agent_id: "tool/p", intent: "no name", source: { name: "tool" } },
        { op: "turn", key: KEY, turn: { kind: "model", message: String(input.record) } },
      ],
    }
  },
}

test("what a session is told before its first record holds for its run", async () => {
  const server = new FakeRunServer()
  const sessions = new Sessions({
    server,
    content: true,
    admit: () => true,
    onRun: () => {},
    onProblem: () => {},
  })
  onTestFinished(() => sessions.close())
  const records: unknown[] = []
  const spec: SessionSpec = {
    identity: { key: KEY, session: "child" },
    path: "file",
    changedAt: 1,
    live: true,
    reducer: () => reducer,
    feed: () => ({ read: () => ({ ...NOTHING, records: records.splice(0) }) }),
  }
  sessions.route({ op: "update", key: KEY, intent: "Find the callers" })
  // Its file is there, but empty: it is forgotten.
  sessions.found(spec)
  const left = () => {
    sessions.sweep()
    return sessions.all().length
  }
  await expect.poll(left).toBe(0)
  records.push("Found.")
  sessions.found(spec)
  await expect.poll(() => server.runs[0]?.turns).toHaveLength(1)
  expect(server.runs[0]?.start.intent).toBe("Find the callers")
})
