import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { RateBucket } from "./RateBucket"

test("S16: four seconds' worth may be spent at once, then so many a second, and the wait told is enough", () => {
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
