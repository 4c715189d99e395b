import { describe, expect, it } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { addOutlines, UNKNOWN_CLOCK } from "./agentClock"
import { NO_OUTLINES, outlineSlice } from "./OutlineList"

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 0, 1)
const iso = (ms: number) => new Date(ms).toISOString()
/** A turn of 5 s that ended `lateMs` before it was recorded, by the agent's clock. */
const turn = (index: number, lateMs: number): TurnOutline => ({
  index,
  kind: "tool",
  title: "t",
  recorded_at: iso(NOW + index * 10_000),
  started_at: iso(NOW + index * 10_000 - 5_000 - lateMs),
  duration_ms: 5_000,
})
const add = (batches: TurnOutline[][]) =>
  batches.reduce(addOutlines, { outlines: NO_OUTLINES, clock: UNKNOWN_CLOCK })
const starts = (batches: TurnOutline[][]) =>
  outlineSlice(add(batches).outlines, 0, 99).map(
    (it) => Date.parse(it.recorded_at) - Date.parse(it.started_at ?? ""),
  )

describe("an agent's clock", () => {
  it("is believed when it is right, and when its turns are told some seconds later", () => {
    expect(starts([[turn(0, 20), turn(1, 25_000)]])).toEqual([5_020, 30_000])
  })

  it("is made right when it is an hour ahead or behind, in turns that came before that was known too", () => {
    expect(starts([[turn(0, -HOUR + 100)], [turn(1, -HOUR + 50)]])).toEqual([5_000, 4_950])
    expect(starts([[turn(0, HOUR + 50)], [turn(1, HOUR + 900)]])).toEqual([5_000, 5_850])
    expect(starts([[turn(0, 100)], [turn(1, -HOUR)]])).toEqual([HOUR + 5_100, 5_000])
  })

  it("is believed again when it turns out that its turns are history told later", () => {
    expect(starts([[turn(0, 20 * HOUR)], [turn(1, 19 * HOUR)]])).toEqual([
      20 * HOUR + 5_000,
      19 * HOUR + 5_000,
    ])
    expect(starts([[turn(0, 900 * HOUR)]])).toEqual([900 * HOUR + 5_000])
  })

  it("is left alone where there is nothing to read", () => {
    const { started_at, ...none } = turn(0, 0)
    const odd = { ...turn(1, 0), started_at: "soon" }
    const { outlines, clock } = add([[none, odd]])
    expect(outlineSlice(outlines, 0, 9)).toEqual([none, odd])
    expect(clock.shiftMs).toBe(0)
  })
})
