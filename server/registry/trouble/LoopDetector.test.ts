import { expect, test } from "vitest"
import { LoopDetector } from "./LoopDetector"

function after(calls: readonly number[]): LoopDetector {
  const detector = new LoopDetector()
  for (const call of calls) detector.add(call)
  return detector
}

const repeat = (cycle: readonly number[], times: number) => Array.from({ length: times }, () => cycle).flat()

test("the same call four times in a row is a loop, but not three times", () => {
  expect(after([1, 2, 7, 7, 7]).find(4)).toBeUndefined()
  expect(after([1, 2, 7, 7, 7, 7]).find(4)).toEqual({ calls: 1, times: 4 })
  expect(after(repeat([7], 40)).find(4)).toEqual({ calls: 1, times: 40 })
})

test("cycles of up to six calls are loops, but not longer ones", () => {
  for (let calls = 2; calls <= 7; calls++) {
    const cycle = Array.from({ length: calls }, (_, at) => at)
    expect(after([99, ...repeat(cycle, 4)]).find(4), String(calls)).toEqual(
      calls <= 6 ? { calls, times: 4 } : undefined,
    )
    expect(after([99, ...repeat(cycle, 4).slice(0, -1)]).find(4), String(calls)).toBeUndefined()
  }
})

test("a different call ends a loop", () => {
  expect(after([...repeat([1, 2], 8), 3]).find(4)).toBeUndefined()
  expect(after([...repeat([1], 8), 2, 1, 1, 1]).find(4)).toBeUndefined()
})

test("a cycle that is itself a repeated call counts as that call", () => {
  expect(after(repeat([5, 5], 4)).find(4)).toEqual({ calls: 1, times: 8 })
})
