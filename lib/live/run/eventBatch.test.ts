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
    show(next) {
      view = next
      shown.push(next.cursor)
    },
  })
  const take = (from: number) => batch.take(turnEvent(from))
  return { take, shown }
}

function turnEvent(from: number): TraceEvent {
  const record = { record: "turns" as const, from, turns: [aStoredTurn(from)] }
  return { run_id: "run-1", agent_id: "agent/a", record, cursor: from + 1, status: "in_progress" }
}

test("an event that comes alone is shown without waiting for a timer", async () => {
  const { take, shown } = aBatch()
  take(0)
  await Promise.resolve()
  expect(shown).toEqual([1])
})

test("what follows within a frame is shown together, once the frame is over", async () => {
  const { take, shown } = aBatch()
  for (let index = 0; index < 10; index++) {
    take(index)
    await Promise.resolve()
  }
  expect(shown).toEqual([1])
  await vi.advanceTimersByTimeAsync(16)
  expect(shown).toEqual([1, 10])
  await vi.advanceTimersByTimeAsync(16)
  take(10)
  await Promise.resolve()
  expect(shown).toEqual([1, 10, 11])
})

test("a flood is shown before the frame is over", async () => {
  const { take, shown } = aBatch()
  take(0)
  await Promise.resolve()
  for (let index = 1; index <= 64; index++) take(index)
  expect(shown).toEqual([1, 65])
})
