import { expect, test } from "vitest"
import type { IngestNote } from "@/lib/protocol/events"
import { fakeClock } from "@/lib/testing/fakeClock"
import { IngestLog } from "./IngestLog"

const note = (bytes: number): IngestNote => ({ at: "", event: "runs.start", bytes, ok: true })

test("the newest 200 notes are kept, oldest first", () => {
  const log = new IngestLog(fakeClock())
  for (let index = 0; index < 1_000; index++) log.add(note(index))
  expect(log.recent().map(({ bytes }) => bytes)).toEqual(
    Array.from({ length: 200 }, (_, index) => 800 + index),
  )
})

test("watchers receive all notes, at most five times a second", () => {
  const clock = fakeClock()
  const log = new IngestLog(clock)
  const published: number[][] = []
  log.watch("a", (notes) => published.push(notes.map(({ bytes }) => bytes)))
  for (let index = 0; index < 50; index++) {
    log.add(note(index))
    clock.advance(20)
  }
  clock.advance(200)
  expect(published.length).toBeLessThanOrEqual(6)
  expect(published.flat()).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect(log.unwatch("a")).toBe(true)
  expect(log.unwatch("a")).toBe(false)
})
