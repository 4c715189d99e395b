import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { ProgressReporter } from "./ProgressReporter"

let quiet = true
let epoch = 1
let reachable = true
let sent: unknown[] = []
let reporter: ProgressReporter

beforeEach(() => {
  vi.useFakeTimers()
  quiet = reachable = true
  epoch = 1
  sent = []
  reporter = new ProgressReporter({
    quiet: () => quiet,
    epoch: () => epoch,
    send: async (progress) => {
      sent.push(structuredClone(progress))
      return reachable
    },
  })
})

afterEach(() => vi.useRealTimers())

it("merges what comes in between and sends at most 20 a second", async () => {
  for (let i = 0; i < 100; i++) {
    reporter.report({ text_delta: `${i} ` })
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.length).toBeGreaterThan(10)
  expect(sent.length).toBeLessThanOrEqual(22)
  const shown = sent.map((message) => (message as { text_delta: string }).text_delta ?? "").join("")
  const full = (sent[0] as { text?: string }).text ?? ""
  expect(full + shown).toBe(Array.from({ length: 100 }, (_, i) => `${i} `).join(""))
})

it("queues nothing while turns wait, and shows only the newest afterwards", async () => {
  quiet = false
  reporter.report({ tool: "a", text: "old" })
  reporter.report({ text_delta: "er" })
  reporter.turnRecorded()
  reporter.report({ tool: "b" })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([])
  quiet = true
  reporter.poke()
  expect(sent).toEqual([{ tool: "b" }])
})

it("sends all of it again after a new connection or a lost message, with the text so far", async () => {
  reporter.report({ tool: "write", text: "one " })
  await vi.advanceTimersByTimeAsync(100)
  epoch = 2
  reporter.report({ text_delta: "two " })
  await vi.advanceTimersByTimeAsync(100)
  reachable = false
  reporter.report({ text_delta: "three " })
  await vi.advanceTimersByTimeAsync(100)
  reachable = true
  await vi.advanceTimersByTimeAsync(2_000)
  expect(sent).toEqual([
    { tool: "write", text: "one " },
    { tool: "write", text: "one two " },
    { text_delta: "three " },
    { tool: "write", text: "one two three " },
  ])
})

it("clears with null before showing something without the old fields", async () => {
  reporter.report({ tool: "push", waiting_for: "approval" })
  await vi.advanceTimersByTimeAsync(100)
  reporter.report(null)
  reporter.report({ tool: "push" })
  await vi.advanceTimersByTimeAsync(200)
  expect(sent).toEqual([{ tool: "push", waiting_for: "approval" }, null, { tool: "push" }])
  reporter.turnRecorded()
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(200)
  expect(sent).toHaveLength(3)
})

it("shows an activity again that goes on when what was shown over it ends", async () => {
  const end = reporter.begin({ tool: "slow" })
  await vi.advanceTimersByTimeAsync(100)
  const endWaiting = reporter.begin({ waiting_for: "approval" })
  await vi.advanceTimersByTimeAsync(100)
  endWaiting()
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(200)
  end()
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(200)
  expect(sent).toEqual([{ tool: "slow" }, { waiting_for: "approval" }, null, { tool: "slow" }, null])
})

it("keeps the newest 16 KiB of streamed text", async () => {
  quiet = false
  for (let i = 0; i < 100; i++) reporter.report({ text_delta: "é".repeat(1_000) })
  reporter.report({ text_delta: "end" })
  quiet = true
  reporter.poke()
  const { text } = sent[0] as { text: string }
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024)
  expect(text.endsWith("éend")).toBe(true)
})
