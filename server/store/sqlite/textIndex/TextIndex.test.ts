import { expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { TextIndex } from "./TextIndex"

test("new turns are reported again after the indexer failed, without waiting for more turns", async () => {
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
    await eventually(() => expect(reported).toEqual([["run-1"], ["run-1"]]))
  } finally {
    index.close()
  }
})
