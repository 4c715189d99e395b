import { describe, expect, test } from "vitest"
import { TurnBuffer } from "./TurnBuffer"

const turns = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `turn ${from + at}`)
const SIZE = "turn 0".length

function aBuffer(from: number, to: number): TurnBuffer {
  const buffer = new TurnBuffer()
  buffer.reset(from)
  buffer.append(from, turns(from, to))
  return buffer
}

describe("append", () => {
  test("ignores turns that the buffer already has", () => {
    const buffer = aBuffer(3, 5)
    expect(buffer.append(2, turns(2, 6))).toBe(SIZE)
    expect(buffer.append(0, turns(0, 4))).toBe(0)
    expect(buffer.slice(3, 9, 1_000)).toEqual(turns(3, 6))
  })

  test("ignores turns after a gap", () => {
    const buffer = aBuffer(3, 5)
    expect(buffer.append(6, turns(6, 7))).toBe(0)
    expect(buffer.end).toBe(5)
  })
})

describe("slice", () => {
  test("ends at `to`, at the end of the buffer, and before it gets too large", () => {
    const buffer = aBuffer(3, 8)
    expect(buffer.slice(4, 6, 1_000)).toEqual(turns(4, 6))
    expect(buffer.slice(6, 99, 1_000)).toEqual(turns(6, 8))
    expect(buffer.slice(3, 8, SIZE * 3)).toEqual(turns(3, 6))
  })

  test("has one turn even if that is too large", () => {
    expect(aBuffer(3, 8).slice(4, 8, 1)).toEqual(turns(4, 5))
  })

  test("is undefined if its first turn isn't in the buffer", () => {
    const buffer = aBuffer(3, 8)
    expect([buffer.slice(2, 8, 99), buffer.slice(8, 9, 99), buffer.slice(5, 5, 99)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe("trim", () => {
  test("drops the oldest turns until the rest is small enough", () => {
    const buffer = aBuffer(3, 8)
    buffer.trim(8, SIZE * 2)
    expect(buffer.slice(5, 8, 1_000)).toBeUndefined()
    expect(buffer.slice(6, 8, 1_000)).toEqual(turns(6, 8))
  })

  test("drops no turn at or after its index", () => {
    const buffer = aBuffer(3, 8)
    buffer.trim(5, 0)
    expect(buffer.slice(5, 8, 1_000)).toEqual(turns(5, 8))
    expect(buffer.append(8, turns(8, 9))).toBe(SIZE)
  })
})
