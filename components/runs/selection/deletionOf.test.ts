import { expect, test } from "vitest"
import { aRun } from "@/lib/testing/builders"
import { deletionOf } from "./deletionOf"

test("only ended runs are deleted, with all their turns", () => {
  const runs = [
    aRun({ run_id: "a", status: "completed", cursor: 3 }),
    aRun({ run_id: "b", status: "incomplete", cursor: 4 }),
    aRun({ run_id: "live", cursor: 50 }),
  ]
  const byId = new Map(runs.map((run) => [run.run_id, run]))
  expect(deletionOf(["a", "live", "b", "gone"], byId)).toEqual({ runIds: ["a", "b"], turns: 7, skipped: 1 })
})
