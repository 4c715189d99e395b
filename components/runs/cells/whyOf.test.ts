import { expect, test } from "vitest"
import { aRun } from "@/lib/testing/builders"
import { whyOf } from "./whyOf"

const since = "2026-01-01T12:00:00.000Z"
const after = (minutes: number) => Date.parse(since) + minutes * 60_000
const run = aRun({ connected: true, started_at: since, last_turn_at: since, last_seen_at: since })

test("a run with errors shows the last one", () => {
  const trouble = [{ kind: "errors" as const, since, text: "429" }]
  const last_error = { text: "429 quota\nretry later", at: since, index: 7 }
  expect(whyOf({ ...run, trouble, last_error }, after(9))).toEqual({
    kind: "error",
    text: expect.stringContaining("429 quota"),
  })
})

test("a silent run shows its last turn, another one what it is doing", () => {
  const trouble = [{ kind: "silent" as const, since, text: "silent for 3m" }]
  expect(whyOf({ ...run, trouble }, after(4))).toEqual({ kind: "last-turn" })
  expect(whyOf({ ...run, trouble }, after(0.2))).toEqual({ kind: "activity" })
  expect(whyOf({ ...run, activity: { since, tool: "bash" } }, after(20))).toEqual({ kind: "activity" })
})
