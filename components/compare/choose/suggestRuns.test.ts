import { expect, it } from "vitest"
import { aRun } from "@/lib/testing/builders"
import { suggestRuns } from "./suggestRuns"

it("suggests runs with the same intent, then of the same agent, newest first, without the other run", () => {
  const run = (run_id: string, agent_id: string, intent: string, at: number) =>
    aRun({ run_id, agent_id, intent, started_at: new Date(at).toISOString() })
  const other = run("other", "coder", "Fix it", 9)
  const known = [
    ...[run("far", "x", "Else", 8), run("agent", "coder", "Else", 1), run("same", "x", "Fix it", 2)],
    ...[
      run("both", "coder", "Fix it", 3),
      run("later", "coder", "Fix it", 4),
      other,
      run("far", "x", "Else", 8),
    ],
  ]
  const ids = (of: typeof known, beside?: typeof other) => suggestRuns(of, beside).map((it) => it.run_id)
  expect(ids(known, other)).toEqual(["later", "both", "same", "agent", "far"])
  expect(ids(known)).toEqual(["other", "far", "later", "both", "same", "agent"])
})
