import { beforeEach, describe, expect, test } from "vitest"
import { LIMITS } from "@/lib/protocol/limits"
import { settle } from "@/lib/testing/fakeClock"
import { CommandQueue, OUTGOING_MARK_BYTES } from "./CommandQueue"

let queued: number
let reading: boolean
let overflowed: boolean
let begun: number[]
let finish: (() => void)[]
let queue: CommandQueue

function push(index: number, more: { heavy?: boolean; bytes?: number } = {}): void {
  queue.push({
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
  overflowed = false
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
    overflow: () => {
      overflowed = true
    },
    maxWaitingBytes: 1_000,
  })
})

describe("a connection's commands", () => {
  test("S16: begin at once and in order, 32 at a time; the next wait and reading stops", async () => {
    for (let index = 0; index < 40; index++) push(index)
    expect(begun).toEqual(Array.from({ length: LIMITS.commandsInFlight }, (_, index) => index))
    expect(reading).toBe(false)
    for (let round = 0; round < 8; round++) finish.shift()?.()
    await settle()
    expect(begun).toEqual(Array.from({ length: 40 }, (_, index) => index))
    expect(reading).toBe(true)
  })

  test("wait while replies are not read", () => {
    queued = OUTGOING_MARK_BYTES + 1
    push(0)
    expect(begun).toEqual([])
    expect(reading).toBe(false)
    queued = 0
    queue.pump()
    expect(begun).toEqual([0])
    expect(reading).toBe(true)
  })

  test("with large replies come one at a time", async () => {
    push(0, { heavy: true })
    push(1, { heavy: true })
    push(2)
    expect(begun).toEqual([0])
    finish.shift()?.()
    await settle()
    expect(begun).toEqual([0, 1, 2])
  })

  test("S16: that wait in too great a number, or of too great a size, end the connection", () => {
    queued = OUTGOING_MARK_BYTES + 1
    push(0, { bytes: 900 })
    expect(overflowed).toBe(false)
    push(1, { bytes: 900 })
    expect(overflowed).toBe(true)
  })

  test("when it closes, what waits is dropped and what has begun is awaited", async () => {
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
