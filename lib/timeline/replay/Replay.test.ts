import { describe, expect, it } from "vitest"
import { replayPosition } from "./Replay"

describe("replayPosition", () => {
  it("advances at the replay's speed and stops at the end", () => {
    const replay = { speed: 10, position: 100, startedAt: 5_000 }
    expect(replayPosition(replay, 5_000, 50_000)).toBe(100)
    expect(replayPosition(replay, 5_050, 50_000)).toBe(600)
    expect(replayPosition(replay, 99_000, 50_000)).toBe(50_000)
  })

  it("doesn't move back if the clock does", () => {
    expect(replayPosition({ speed: 10, position: 100, startedAt: 5_000 }, 4_000, 50_000)).toBe(100)
  })
})
