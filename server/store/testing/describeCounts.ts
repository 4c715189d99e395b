import { describe, expect, test } from "vitest"
import type { AgentOutcome } from "@/lib/protocol/run"
import type { NewRun } from "@/server/store/RunStore"
import type { StoreOfTest } from "./StoreOfTest"
import { aNewRun } from "./storeSamples"

/** The contract of `count`, `inProgress` and `healthy`. */
export function describeCounts(store: StoreOfTest): void {
  const run = async (end?: AgentOutcome["status"] | "left", day = 1, given: Partial<NewRun> = {}) => {
    const { row } = await store().start(aNewRun(given))
    const { run_id, owner } = row
    const ended_at = `2026-03-0${day}T00:00:00.000Z`
    if (end === "left") await store().abandon({ run_id, owner, ended_at })
    else if (end !== undefined) {
      await store().complete({ run_id, writer: ["*"], owner, outcome: { status: end }, ended_at })
    }
    return run_id
  }
  const count = (filter: Parameters<ReturnType<StoreOfTest>["count"]>[0]["filter"] = {}, readers = ["*"]) =>
    store().count({ filter, readers })

  describe("count", () => {
    test("counts readable runs by status, ignoring the filter's status", async () => {
      await run()
      await run("success", 1, { agent_id: "other" })
      await run("failure")
      await run("left", 1, { agent_id: "other" })
      expect(await count()).toEqual({ in_progress: 1, completed: 2, incomplete: 1, failed: 2 })
      expect(await count({ status: ["completed"], waiting: true })).toEqual(await count())
      const others = { in_progress: 0, completed: 1, incomplete: 1, failed: 1 }
      expect(await count({ agent_id: "other" })).toEqual(others)
      expect(await count({}, ["oth*"])).toEqual(others)
      const none = { in_progress: 0, completed: 0, incomplete: 0, failed: 0 }
      expect(await count({}, [])).toEqual(none)
      expect(await count({ agent_id: "other" }, ["robot"])).toEqual(none)
      expect(await count({ outcome: ["success"] })).toEqual({ ...none, completed: 1 })
    })

    test("failed counts failure, timeout, give_up and incomplete runs that ended since a given time", async () => {
      await run("failure", 1)
      await run("timeout", 2)
      await run("give_up", 3)
      await run("left", 4)
      await run("partial_success", 4)
      await run("done", 4)
      const failed = async (failedSince?: string) =>
        (
          await store().count({
            filter: {},
            readers: ["*"],
            ...(failedSince !== undefined && { failedSince }),
          })
        ).failed
      expect(await failed()).toBe(4)
      expect(await failed("2026-03-02T00:00:00.000Z")).toBe(3)
      expect(await failed("2026-03-03T01:00:00.000+01:00")).toBe(2)
      expect(await failed("2026-03-05T00:00:00.000Z")).toBe(0)
    })
  })

  test("inProgress returns every run that hasn't ended", async () => {
    const going = [await run(), await run(undefined, 1, { agent_id: "other" })]
    await run("success")
    expect((await store().inProgress()).map((row) => row.run_id).sort()).toEqual(going)
  })

  test("a store that can commit is healthy", async () => {
    expect(await store().healthy()).toBe(true)
  })
}
