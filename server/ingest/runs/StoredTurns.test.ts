import { expect, test } from "vitest"
import { StoredTurns } from "./StoredTurns"

const own = (span_id: string) => ({ tool: "bash", call_id: "call_0", attributes: { span_id } })
const rebuilt = (source_id: string) => ({ tool: "bash", call_id: "call_0", attributes: { source_id } })

test("a step is recognised by its own id, not by a call id that is used again", () => {
  const stored = new StoredTurns()
  stored.add(own("a"))
  expect(stored.has(own("a"))).toBe(true)
  expect(stored.has(own("b"))).toBe(false)
})

test("a turn made from a history is recognised by its call id, and by its count if the id is used again", () => {
  const stored = new StoredTurns()
  stored.add(own("a"))
  expect(stored.has(rebuilt("call:call_0"))).toBe(true)
  expect(stored.has(rebuilt("call:call_0:2"))).toBe(false)
})

test("a stored turn made from a history matches only one late step", () => {
  const stored = new StoredTurns()
  stored.add(rebuilt("call:call_0"))
  expect(stored.has(own("a"))).toBe(true)
  expect(stored.has(own("a"))).toBe(true)
  expect(stored.has(own("b"))).toBe(false)
})
