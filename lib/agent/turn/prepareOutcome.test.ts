import { expect, test } from "vitest"
import type { AgentOutcome } from "@/lib/agent/AgentTurn"
import { completeRun } from "@/lib/protocol/commands"
import { prepareOutcome } from "./prepareOutcome"

const outcomes: [unknown, object][] = [
  ["failed", { status: "failure", reported_status: "failed" }],
  [
    { status: "ERROR", summary: 5 },
    { status: "failure", summary: "5", reported_status: "ERROR" },
  ],
  [{ status: "cancelled" }, { status: "give_up", reported_status: "cancelled" }],
  [
    { status: "success", summary: null, metrics: { loss: Number.NaN } },
    { status: "success", metrics: { loss: "NaN" } },
  ],
  [{ status: "purple" }, { status: "done", reported_status: "purple" }],
  [{ summary: "no status" }, { status: "done", summary: "no status" }],
  [
    { status: "done", timestamp: "2026-01-01T10:00:00" },
    { status: "done", timestamp: "2026-01-01T10:00:00.000Z" },
  ],
  [
    { status: "done", timestamp: "soon" },
    { status: "done", reported_timestamp: "soon" },
  ],
  [["success"], { status: "done", reported_status: "success" }],
  [null, { status: "done" }],
]
test.each(outcomes)("%j is accepted by the server, and nothing is lost", (given, expected) => {
  const outcome = prepareOutcome(given as AgentOutcome)
  expect(outcome).toEqual(expected)
  expect(completeRun.safeParse({ run_id: "r", outcome }).success).toBe(true)
})
