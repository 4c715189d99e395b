import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { ClientRateLimits } from "./ClientRateLimits"

test("an address over its rate must wait, others don't, and the bucket refills", () => {
  const clock = fakeClock()
  const rates = new ClientRateLimits(clock)
  let answered = 0
  while (rates.takeRequest("1.1.1.1") === 0) answered += 1
  expect(answered).toBe(200)
  expect(rates.takeRequest("2.2.2.2")).toBe(0)
  clock.advance(1_000)
  expect(rates.takeRequest("1.1.1.1")).toBe(0)
})

test("connections per address are limited, and a closed one frees one slot", () => {
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
