import { expect, test } from "vitest"
import { KnownTurns } from "./KnownTurns"

const own = (span_id: string) => ({ tool: "bash", call_id: "call_0", attributes: { span_id } })
const rebuilt = (source_id: string) => ({ tool: "bash", call_id: "call_0", attributes: { source_id } })

test("a step is recognized by its own id, not by a call id that is used again", () => {
  const stored = new KnownTurns()
  stored.add(own("a"))
  expect(stored.has(own("a"))).toBe(true)
  expect(stored.has(own("b"))).toBe(false)
})

test("a turn made from a history is recognized by its call id, and by its count if the id is used again", () => {
  const stored = new KnownTurns()
  stored.add(own("a"))
  expect(stored.has(rebuilt("call:call_0"))).toBe(true)
  expect(stored.has(rebuilt("call:call_0:2"))).toBe(false)
})

test("a stored turn made from a history matches only one late step", () => {
  const stored = new KnownTurns()
  stored.add(rebuilt("call:call_0"))
  expect(stored.has(own("a"))).toBe(true)
  expect(stored.has(own("a"))).toBe(true)
  expect(stored.has(own("b"))).toBe(false)
})

const answer = (span_id: string) => ({ response_id: "r1", attributes: { span_id } })
const call = (span_id: string) => ({ tool: "bash", call_id: "c1", attributes: { span_id } })

test.each([
  ["answer", answer, "request:r1"],
  ["call", call, "tool:c1"],
])("an %s made from a log record matches one late span, and the other way round", (_name, turn, logged) => {
  const stored = new KnownTurns()
  stored.add(turn(logged))
  expect(stored.has(turn("a"))).toBe(true)
  expect(stored.has(turn("a"))).toBe(true)
  expect(stored.has(turn("b"))).toBe(false)
  const spans = new KnownTurns()
  spans.add(turn("a"))
  expect(spans.has(turn(logged))).toBe(true)
  expect(spans.has(turn("b"))).toBe(false)
})
