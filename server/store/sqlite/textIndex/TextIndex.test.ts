import { expect, test, vi } from "vitest"
import { TextIndex } from "./TextIndex"

const WAIT_MS = 20_000

test("new turns are reported again after the indexer failed, without waiting for more turns", {
  timeout: 2 * WAIT_MS,
}, async () => {
  const reported: unknown[] = []
  const replies: Record<string, (payload: unknown) => Promise<unknown>> = {
    pace: async () => undefined,
    note: async (runIds) => {
      reported.push(runIds)
      if (reported.length === 1) throw new Error("the thread is restarting")
      return 0
    },
    lag: () => Promise.reject(new Error("the thread is restarting")),
    forgetDeleted: async () => ({ forgotten: [], more: false }),
  }
  const thread = { call: (name: string, payload: unknown) => replies[name]?.(payload) }
  // The double answers only the calls that this class makes.
  const index = new TextIndex({ indexer: thread, writer: thread } as never)
  try {
    index.wrote("run-1", 3)
    await vi.waitFor(() => expect(reported).toEqual([["run-1"], ["run-1"]]), WAIT_MS)
  } finally {
    index.close()
  }
})
