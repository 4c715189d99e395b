import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { RateBucket } from "./RateBucket"

test("S16: a burst of four seconds' worth, then the rate; the returned wait is long enough", () => {
  const clock = fakeClock()
  const bucket = new RateBucket(10, clock)
  for (let index = 0; index < 40; index++) expect(bucket.take()).toBe(0)
  const wait = bucket.take()
  expect(wait).toBe(100)
  clock.advance(wait)
  expect(bucket.take()).toBe(0)
  expect(bucket.take()).toBeGreaterThan(0)
  clock.advance(60_000)
  for (let index = 0; index < 40; index++) expect(bucket.take()).toBe(0)
  expect(bucket.take()).toBeGreaterThan(0)
})
