import { expect, test } from "vitest"
import type { RecordFeed } from "./feeds/RecordFeed"
import { NOTHING } from "./feeds/RecordFeed"
import { RunChain } from "./runs/RunChain"
import { Session } from "./Session"
import type { SessionReducer } from "./sources/Source"
import { FakeRunServer } from "./testing/FakeRunServer"

const KEY = "tool:s1"

/** Fails at the record "bad". */
const reducer: SessionReducer = {
  initial: () => undefined,
  reduce(state, input) {
    if (input.kind !== "record") return { state, operations: [] }
    if (input.record === "bad") throw new Error("can't read this")
    const message = String(input.record)
    return { state, operations: [{ op: "turn", key: KEY, turn: { kind: "model", message } }] }
  },
}

test("a record that makes the reducer fail is reported, and those after it still count", async () => {
  const server = new FakeRunServer()
  const failures: string[] = []
  const feed: RecordFeed = { read: () => reads.shift() ?? NOTHING }
  const reads = [{ ...NOTHING, records: ["a", "bad", "b"] }]
  const session = new Session({ key: KEY, session: "s1" }, "file", 0, {
    reducer: () => reducer,
    feed: () => feed,
    chain: () =>
      new RunChain({
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
  session.push({ op: "start", key: KEY, agent_id: "tool/p", intent: "x", source: { name: "tool" } })
  session.wake(1)
  await session.runs.until(() => session.caughtUp && session.runs.idle)
  session.close()
  expect(failures).toEqual(["Error: can't read this"])
  expect(server.runs[0]?.turns.map(({ message }) => message)).toEqual(["a", "b"])
})
