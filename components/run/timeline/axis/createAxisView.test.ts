import { describe, expect, test } from "vitest"
import { createAxisView } from "./createAxisView"

/** Creates an element that stores the variables set on it, and counts the writes. */
function aSurface() {
  const variables = new Map<string, string>()
  let writes = 0
  const style = {
    setProperty(name: string, value: string) {
      variables.set(name, value)
      writes++
    },
  }
  return { element: { style } as HTMLElement, variables, writes: () => writes }
}

function aView(endPosition: number, isLive: boolean) {
  const surface = aSurface()
  const view = createAxisView()
  view.bindRunningLane(surface.element)
  view.setWidth(1_000)
  view.setEnd({ position: endPosition, isLive })
  return { view, ...surface }
}

describe("createAxisView", () => {
  test("fits an ended run with a small margin", () => {
    const { view, variables } = aView(100_000, false)
    expect(view.frame.getState()).toMatchObject({ from: 0, to: 101_000, widthPx: 1_000 })
    expect(Number(variables.get("--scale"))).toBeCloseTo(1_000 / 101_000)
  })

  test("a live axis grows in steps, not continuously", () => {
    const { view } = aView(100_000, true)
    const frames = new Set<number>()
    for (let now = 100_000; now <= 110_000; now += 16) {
      view.setNow(now)
      const { to } = view.frame.getState()
      expect(to).toBeGreaterThan(now)
      frames.add(to)
    }
    expect(frames.size).toBeLessThanOrEqual(3)
  })

  test("skips movements below a third of a pixel", () => {
    const { view, writes } = aView(3_600_000, true)
    view.setNow(3_600_000)
    const before = writes()
    for (let now = 3_600_000; now < 3_600_500; now += 16) view.setNow(now)
    expect(writes()).toBe(before)
  })

  test("keeps the zoom while the run grows", () => {
    const { view } = aView(100_000, true)
    view.setZoom({ from: 10_000, to: 20_000 })
    view.setNow(500_000)
    view.setEnd({ position: 900_000, isLive: true })
    expect(view.frame.getState()).toMatchObject({ from: 10_000, to: 20_000 })
    view.setZoom(undefined)
    expect(view.frame.getState().to).toBeGreaterThan(900_000)
  })

  test("has an axis for a run without duration", () => {
    const { view, variables } = aView(0, false)
    expect(view.fullRange().to).toBeGreaterThan(0)
    expect(Number.isFinite(Number(variables.get("--scale")))).toBe(true)
  })
})
