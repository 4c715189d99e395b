import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { TraceEvent } from "@/lib/protocol/events"
import { aStoredTurn } from "@/lib/testing/builders"
import { emptyView } from "@/lib/trace/view/RunView"
import { createTurnBodies } from "./createTurnBodies"
import { eventBatch } from "./eventBatch"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function aBatch() {
  let view = emptyView("run-1")
  const shown: number[] = []
  const fetchTurns = async () => ({ ok: true as const, turns: [] })
  const batch = eventBatch({
    view: () => view,
    bodies: createTurnBodies(fetchTurns),
    serverNow: () => 0,
    onUpdate(next) {
      view = next
      shown.push(next.cursor)
    },
  })
  const add = (from: number) => batch.add(turnEvent(from))
  return { add, shown }
}

function turnEvent(from: number): TraceEvent {
  const record = { record: "turns" as const, from, turns: [aStoredTurn(from)] }
  return { run_id: "run-1", agent_id: "agent/a", record, cursor: from + 1, status: "in_progress" }
}

test("a single event is applied without waiting for a timer", async () => {
  const { add, shown } = aBatch()
  add(0)
  await Promise.resolve()
  expect(shown).toEqual([1])
})

test("events that follow within a frame are applied together when the frame ends", async () => {
  const { add, shown } = aBatch()
  for (let index = 0; index < 10; index++) {
    add(index)
    await Promise.resolve()
  }
  expect(shown).toEqual([1])
  await vi.advanceTimersByTimeAsync(16)
  expect(shown).toEqual([1, 10])
  await vi.advanceTimersByTimeAsync(16)
  add(10)
  await Promise.resolve()
  expect(shown).toEqual([1, 10, 11])
})

test("64 queued events are applied before the frame ends", async () => {
  const { add, shown } = aBatch()
  add(0)
  await Promise.resolve()
  for (let index = 1; index <= 64; index++) add(index)
  expect(shown).toEqual([1, 65])
})
