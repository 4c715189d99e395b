import { expect, onTestFinished, test, vi } from "vitest"
import { NOTHING } from "./feeds/RecordFeed"
import { type SessionSpec, Sessions } from "./Sessions"
import type { SessionReducer } from "./sources/Source"
import { FakeRunServer } from "./testing/FakeRunServer"

const PARENT = "tool:parent"
const CHILD = "tool:child"

function reducerOf(key: string): SessionReducer {
  const start = { op: "start", key, agent_id: "tool/p", intent: "no name", source: { name: "tool" } } as const
  return {
    initial: () => undefined,
    reduce(state, input) {
      if (input.kind !== "record") return { state, operations: [] }
      const turn = { kind: "model" as const, message: String(input.record) }
      const begin = key === CHILD ? { ...start, parent: { key: PARENT } } : start
      return { state, operations: [begin, { op: "turn", key, turn }] }
    },
  }
}

function aSession(key: string, records: unknown[]): SessionSpec {
  return {
    identity: { key, session: key },
    path: "file",
    changedAt: 1,
    live: true,
    reducer: () => reducerOf(key),
    feed: () => ({ read: () => ({ ...NOTHING, records: records.splice(0) }) }),
  }
}

function start() {
  const server = new FakeRunServer()
  const nothing = () => {}
  const sessions = new Sessions({
    server,
    content: true,
    admit: () => true,
    onRun: nothing,
    onProblem: nothing,
  })
  onTestFinished(() => sessions.close())
  return { server, sessions }
}

test("an update of a session without records applies to its run", async () => {
  const { server, sessions } = start()
  const records: unknown[] = []
  sessions.route({ op: "update", key: PARENT, intent: "Find the callers" })
  // The session's file exists but is still empty, so the session is forgotten.
  sessions.found(aSession(PARENT, records))
  const left = () => {
    sessions.sweep()
    return sessions.all().length
  }
  await expect.poll(left).toBe(0)
  sessions.found(aSession(PARENT, ["Found."]))
  await expect.poll(() => server.runs[0]?.turns).toHaveLength(1)
  expect(server.runs[0]?.start.intent).toBe("Find the callers")
})

test("a run refers to its parent, however long Turnline is unreachable", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const { server, sessions } = start()
  const reached = server.disconnect()
  sessions.found(aSession(CHILD, ["Found."]))
  sessions.found(aSession(PARENT, ["Look for it."]))
  for (let minute = 0; minute < 5; minute++) await vi.advanceTimersByTimeAsync(60_000)
  reached()
  await vi.waitUntil(() => server.runs.length === 2)
  expect(server.runs.map(({ start: { parent } }) => parent)).toEqual([undefined, { run_id: "run-1" }])
})
