import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { Quotas } from "./Quotas"

const LIMITS = { connectionsPerAddress: 2, connectionsPerToken: 2, failuresPerMinute: 6, readsPerSecond: 5 }

test("S16: connections per address and token are limited, and a closed one frees its slot", () => {
  const quotas = new Quotas(LIMITS, fakeClock())
  for (const take of [() => quotas.acquireForAddress("1.2.3.4"), () => quotas.acquireForToken("t")]) {
    const [first, second] = [take(), take()]
    expect(take()).toBeUndefined()
    first?.()
    first?.()
    expect(take()).toBeDefined()
    expect(take()).toBeUndefined()
    second?.()
  }
  expect(quotas.acquireForAddress("1.2.3.5")).toBeDefined()
  expect(quotas.acquireForToken("other")).toBeDefined()
})

test("S16: invalid tokens are limited per address: a burst, then a rate per minute", () => {
  const clock = fakeClock()
  const quotas = new Quotas(LIMITS, clock)
  const tries = Array.from({ length: 30 }, () => quotas.recordFailure("1.2.3.4"))
  expect(tries.filter((waitMs) => waitMs === 0)).toHaveLength(24)
  expect(tries.at(-1)).toBe(10_000)
  expect(quotas.recordFailure("1.2.3.5")).toBe(0)
  clock.advance(10_000)
  expect([quotas.recordFailure("1.2.3.4"), quotas.recordFailure("1.2.3.4")]).toEqual([0, 10_000])
})

test("local addresses have no limit, because a proxy may be behind them; 0 means no limit", () => {
  const quotas = new Quotas(LIMITS, fakeClock())
  for (const address of ["127.0.0.1", "127.9.9.9", "0:0:0:0::/64"])
    for (let at = 0; at < 100; at++) {
      expect(quotas.acquireForAddress(address)).toBeDefined()
      expect(quotas.recordFailure(address)).toBe(0)
    }
  const unbound = new Quotas(
    { connectionsPerAddress: 0, connectionsPerToken: 0, failuresPerMinute: 0, readsPerSecond: 0 },
    fakeClock(),
  )
  for (let at = 0; at < 100; at++) {
    expect(unbound.acquireForAddress("1.2.3.4")).toBeDefined()
    expect(unbound.acquireForToken("t")).toBeDefined()
    expect(unbound.recordFailure("1.2.3.4")).toBe(0)
  }
})
