import { beforeEach, describe, expect, test } from "vitest"
import { LIMITS } from "@/lib/protocol/limits"
import { type FakeClock, fakeClock, settle } from "@/lib/testing/fakeClock"
import { RateBucket } from "@/server/net/RateBucket"
import { CommandQueue, OUTGOING_MARK_BYTES } from "./CommandQueue"

let queued: number
let reading: boolean
let throttled: number
let clock: FakeClock
const RATE = 100
let begun: number[]
let finish: (() => void)[]
let queue: CommandQueue

function push(index: number, more: { heavy?: boolean; bytes?: number } = {}): boolean {
  return queue.push({
    bytes: more.bytes ?? 10,
    heavy: more.heavy ?? false,
    run: () => {
      begun.push(index)
      return new Promise((resolve) => {
        finish.push(resolve)
      })
    },
  })
}

beforeEach(() => {
  queued = 0
  reading = true
  throttled = 0
  clock = fakeClock()
  begun = []
  finish = []
  queue = new CommandQueue({
    queuedBytes: () => queued,
    pause: () => {
      reading = false
    },
    resume: () => {
      reading = true
    },
    onThrottle: () => {
      throttled += 1
    },
    maxWaitingBytes: 1_000_000,
    rate: new RateBucket(RATE, clock),
    ratePerSecond: RATE,
    clock,
  })
})

describe("a connection's commands", () => {
  test("S16: start immediately and in order, up to 32 at a time; further ones wait and reading stops", async () => {
    for (let index = 0; index < 40; index++) push(index)
    expect(begun).toEqual(Array.from({ length: LIMITS.commandsInFlight }, (_, index) => index))
    expect(reading).toBe(false)
    for (let round = 0; round < 8; round++) finish.shift()?.()
    await settle()
    expect(begun).toEqual(Array.from({ length: 40 }, (_, index) => index))
    expect(reading).toBe(true)
  })

  test("wait while replies aren't read", () => {
    queued = OUTGOING_MARK_BYTES + 1
    push(0)
    expect(begun).toEqual([])
    expect(reading).toBe(false)
    queued = 0
    queue.pump()
    expect(begun).toEqual([0])
    expect(reading).toBe(true)
  })

  test("with large replies run one at a time", async () => {
    push(0, { heavy: true })
    push(1, { heavy: true })
    push(2)
    expect(begun).toEqual([0])
    finish.shift()?.()
    await settle()
    expect(begun).toEqual([0, 1, 2])
  })

  test("S16: are refused if too many bytes are queued", () => {
    queued = OUTGOING_MARK_BYTES + 1
    expect(push(0, { bytes: 900_000 })).toBe(true)
    expect(push(1, { bytes: 900_000 })).toBe(false)
  })

  test("S16: a single message may be larger than the limit for queued bytes", () => {
    queued = OUTGOING_MARK_BYTES + 1
    expect(push(0, { bytes: 5_000_000 })).toBe(true)
  })

  test("S16: over the rate wait and aren't read, and all start in order at the rate", async () => {
    const finishAll = async () => {
      while (finish.length > 0) {
        for (const done of finish.splice(0)) done()
        await settle()
      }
    }
    const total = RATE * 4 + 50
    for (let index = 0; index < total; index++) push(index)
    await finishAll()
    expect(begun).toHaveLength(RATE * 4)
    expect(reading).toBe(false)
    expect(throttled).toBeGreaterThan(0)
    for (let round = 0; round < 50; round++) {
      await clock.advanceAsync(10)
      await finishAll()
    }
    expect(begun).toEqual(Array.from({ length: total }, (_, index) => index))
    expect(reading).toBe(true)
  })

  test("S16: are refused if executing the queued ones would take more than 40 s", () => {
    queued = OUTGOING_MARK_BYTES + 1
    for (let index = 0; index < RATE * 40; index++) expect(push(index)).toBe(true)
    expect(push(-1)).toBe(false)
    expect(queue.waitMs).toBe(40_010)
  })

  test("no timer is left after the queue is closed", async () => {
    for (let index = 0; index < RATE * 4 + 50; index++) push(index)
    while (finish.length > 0) {
      for (const done of finish.splice(0)) done()
      await settle()
    }
    expect(clock.timers).toBe(1)
    await queue.close()
    expect(clock.timers).toBe(0)
  })

  test("when the queue closes, waiting ones are dropped and running ones are awaited", async () => {
    for (let index = 0; index < 40; index++) push(index)
    let closed = false
    void queue.close().then(() => {
      closed = true
    })
    await settle()
    expect(closed).toBe(false)
    for (const done of finish.splice(0)) done()
    await settle()
    expect(closed).toBe(true)
    expect(begun).toHaveLength(LIMITS.commandsInFlight)
  })
})
