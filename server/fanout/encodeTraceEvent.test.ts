import { expect, test } from "vitest"
import type { TraceEvent } from "@/lib/protocol/events"
import { aRun, aStoredTurn } from "@/lib/testing/builders"
import { encodeRecord, encodeSnapshot, encodeTurns } from "./encodeTraceEvent"

const run = aRun({ run_id: 'a "quoted" id\u2028', agent_id: "é", cursor: 7 })
const { run_id, agent_id, status } = run
const turns = [aStoredTurn(5, { message: "😀" }), aStoredTurn(6)]
const texts = turns.map((turn) => JSON.stringify(turn))

test("turns are encoded as JSON.stringify would encode the event", () => {
  const event: TraceEvent = {
    run_id,
    agent_id,
    record: { record: "turns", from: 5, turns },
    cursor: 7,
    status,
    totals: run.totals,
  }
  expect(encodeTurns(run, 5, texts)).toEqual({ name: "runs.trace.event", json: JSON.stringify(event) })
})

test("a snapshot is encoded as JSON.stringify would encode the event, with progress and without", () => {
  const record = { record: "snapshot", run, from: 5, turns, more: false } as const
  const event: TraceEvent = { run_id, agent_id, record, cursor: 7, status }
  expect(encodeSnapshot(run, 5, texts, false, undefined).json).toBe(JSON.stringify(event))
  const progress = { text: "x" }
  const withProgress: TraceEvent = { ...event, record: { ...record, progress } }
  expect(encodeSnapshot(run, 5, texts, false, progress).json).toBe(JSON.stringify(withProgress))
})

test("a record without turns has the run's cursor", () => {
  const event: TraceEvent = { run_id, agent_id, record: { record: "run", run }, cursor: 7, status }
  expect(encodeRecord(run, { record: "run", run }).json).toBe(JSON.stringify(event))
})

test("numbers that JavaScript can't hold keep their digits", () => {
  const json = encodeTurns(run, 0, ['{"index":0,"output":12345678901234567890}']).json
  expect(json).toContain('"output":12345678901234567890')
})
