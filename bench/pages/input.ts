import { setTimeout as sleep } from "node:timers/promises"
import type { Tab } from "./Tab"

export type Point = { x: number; y: number }

const FRAME_MS = 16
const CTRL = 2

/** Sends a wheel event, in CSS pixels. With `ctrl` it zooms. */
function wheel(tab: Tab, at: Point, delta: { x?: number; y?: number }, ctrl = false): Promise<unknown> {
  return tab.send("Input.dispatchMouseEvent", {
    type: "mouseWheel",
    ...at,
    deltaX: delta.x ?? 0,
    deltaY: delta.y ?? 0,
    modifiers: ctrl ? CTRL : 0,
  })
}

/** Sends `count` wheel events, one per frame. */
export async function wheels(
  tab: Tab,
  at: Point,
  delta: { x?: number; y?: number },
  count: number,
  ctrl = false,
): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.all([wheel(tab, at, delta, ctrl), sleep(FRAME_MS)])
}

/** Drags the mouse in `moves` steps. */
export async function drag(tab: Tab, from: Point, to: Point, moves: number): Promise<void> {
  const mouse = (type: string, at: Point, more: object = {}) =>
    tab.send("Input.dispatchMouseEvent", { type, ...at, button: "left", ...more })
  await mouse("mousePressed", from, { clickCount: 1 })
  for (let move = 1; move <= moves; move++) {
    const share = move / moves
    const at = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
    await Promise.all([mouse("mouseMoved", at, { buttons: 1 }), sleep(FRAME_MS)])
  }
  await mouse("mouseReleased", to, { clickCount: 1 })
}

/** Scrolls with the browser's own gesture at `speed` CSS pixels per second. */
export function glide(tab: Tab, at: Point, yDistance: number, speed: number): Promise<unknown> {
  return tab.send("Input.synthesizeScrollGesture", { ...at, yDistance, speed, gestureSourceType: "mouse" })
}

/** Returns the center of the first element that matches a selector. */
export function centerOf(tab: Tab, selector: string): Promise<Point> {
  return tab.evaluate<Point>(
    `(() => { const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()
    return { x: Math.round((box.left + box.right) / 2), y: Math.round((Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2) } })()`,
  )
}
