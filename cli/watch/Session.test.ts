import { expect, onTestFinished, test } from "vitest"
import type { RecordFeed } from "./feeds/RecordFeed"
import { NOTHING } from "./feeds/RecordFeed"
import { SessionRuns } from "./runs/SessionRuns"
import { Session } from "./Session"
import type { SessionReducer } from "./sources/Source"
import { FakeRunServer } from "./testing/FakeRunServer"

const KEY = "tool:s1"

/** A reducer that fails at the record "bad". */
const reducer: SessionReducer = {
  initial: () => undefined,
  reduce(state, input) {
    if (input.kind === "ended") return { state, operations: [{ op: "end", key: KEY, status: "done" }] }
    if (input.kind !== "record") return { state, operations: [] }
    if (input.record === "bad") throw new Error("can't read this")
    const message = String(input.record)
    return { state, operations: [{ op: "turn", key: KEY, turn: { kind: "model", message } }] }
  },
}

/** A session that reads the given records, one list at a time. */
function aSession(server: FakeRunServer, reads: unknown[][], more: Partial<SessionReducer> = {}) {
  const failures: string[] = []
  const feed: RecordFeed = { read: () => ({ ...NOTHING, records: reads.shift() ?? [] }) }
  const session = new Session({ key: KEY, session: "s1" }, "file", 0, {
    reducer: () => ({ ...reducer, ...more }),
    feed: () => feed,
    createRuns: () =>
      new SessionRuns({
        key: KEY,
        server,
        content: true,
        admit: () => true,
        resolve: async () => undefined,
        onLost: () => {},
        onRun: () => {},
        onProblem: () => {},
      }),
    route: () => {},
    onSettled: () => {},
    onUnreadable: () => {},
    onFailure: (_session, error) => failures.push(String(error)),
  })
  onTestFinished(() => session.close())
  session.push({ op: "start", key: KEY, agent_id: "tool/p", intent: "x", source: { name: "tool" } })
  return { session, failures }
}

test("a record that makes the reducer fail is reported, and those after it still count", async () => {
  const server = new FakeRunServer()
  const { session, failures } = aSession(server, [["a", "bad", "b"]])
  session.wake(1)
  await session.runs.until(() => session.caughtUp && session.runs.idle)
  expect(failures).toEqual(["Error: can't read this"])
  expect(server.runs[0]?.turns.map(({ message }) => message)).toEqual(["a", "b"])
})

test("the next process's records begin another run, even if Turnline is unreachable between them", async () => {
  const server = new FakeRunServer()
  const reached = server.disconnect()
  const { session } = aSession(server, [["one"], ["two"]], {
    beginsProcess: (_state, record) => record === "two",
  })
  session.wake(1)
  await expect.poll(() => session.caughtUp).toBe(true)
  session.wake(2)
  await expect.poll(() => session.caughtUp).toBe(true)
  reached()
  await session.runs.until(() => session.runs.idle)
  expect(server.runs.map(({ turns }) => turns.map(({ message }) => message))).toEqual([["one"], ["two"]])
})
