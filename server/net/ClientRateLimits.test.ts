import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { ClientRateLimits } from "./ClientRateLimits"

test("an address that asks too fast waits, another one does not, and time makes up for it", () => {
  const clock = fakeClock()
  const rates = new ClientRateLimits(clock)
  let answered = 0
  while (rates.takeRequest("1.1.1.1") === 0) answered += 1
  expect(answered).toBe(200)
  expect(rates.takeRequest("2.2.2.2")).toBe(0)
  clock.advance(1_000)
  expect(rates.takeRequest("1.1.1.1")).toBe(0)
})

test("an address has so many connections at once, and a closed one makes room once", () => {
  const rates = new ClientRateLimits(fakeClock())
  const open = Array.from({ length: 40 }, () => rates.acquireConnection("1.1.1.1"))
  expect(open.every((close) => close !== undefined)).toBe(true)
  expect(rates.acquireConnection("1.1.1.1")).toBeUndefined()
  expect(rates.acquireConnection("2.2.2.2")).toBeDefined()
  open[0]?.()
  open[0]?.()
  expect(rates.acquireConnection("1.1.1.1")).toBeDefined()
  expect(rates.acquireConnection("1.1.1.1")).toBeUndefined()
})
