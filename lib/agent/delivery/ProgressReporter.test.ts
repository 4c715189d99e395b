import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { ProgressReporter } from "./ProgressReporter"

let isIdle = true
let epoch = 1
let reachable = true
let sent: unknown[] = []
let reporter: ProgressReporter

beforeEach(() => {
  vi.useFakeTimers()
  isIdle = reachable = true
  epoch = 1
  sent = []
  reporter = new ProgressReporter({
    isIdle: () => isIdle,
    epoch: () => epoch,
    send: async (progress) => {
      sent.push(structuredClone(progress))
      return reachable
    },
  })
})

afterEach(() => vi.useRealTimers())

it("sends the whole value at most four times a second, and always sends the last one", async () => {
  for (let i = 0; i < 100; i++) {
    reporter.append(`${i} `)
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.length).toBeGreaterThanOrEqual(4)
  expect(sent.length).toBeLessThanOrEqual(6)
  expect(sent.at(-1)).toEqual({ text: Array.from({ length: 100 }, (_, i) => `${i} `).join("") })
})

it("keeps fields that an update omits", async () => {
  reporter.report({ tool: "bash", parameters: { command: "ls" } })
  await vi.advanceTimersByTimeAsync(300)
  reporter.report({ text: "a.txt" })
  expect(sent.at(-1)).toEqual({ tool: "bash", parameters: { command: "ls" }, text: "a.txt" })
})

it("queues nothing while turns wait, and sends only the newest value afterwards", async () => {
  isIdle = false
  reporter.report({ tool: "a", text: "old" })
  reporter.onTurn()
  reporter.report({ tool: "b" })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([])
  isIdle = true
  reporter.flush()
  expect(sent).toEqual([{ tool: "b" }])
})

it("sends the value again after a reconnect and after a lost message", async () => {
  reporter.report({ tool: "write", text: "one " })
  await vi.advanceTimersByTimeAsync(300)
  epoch = 2
  reachable = false
  reporter.append("two ")
  await vi.advanceTimersByTimeAsync(300)
  reachable = true
  await vi.advanceTimersByTimeAsync(2_000)
  const both = { tool: "write", text: "one two " }
  expect(sent).toEqual([{ tool: "write", text: "one " }, both, both])
})

it("clears the server's value with null, but only if it has one", async () => {
  reporter.report({ tool: "push" })
  await vi.advanceTimersByTimeAsync(300)
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(300)
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(300)
  expect(sent).toEqual([{ tool: "push" }, null])
})

it("doesn't clear what a turn has already cleared", async () => {
  reporter.report({ tool: "push" })
  await vi.advanceTimersByTimeAsync(300)
  reporter.onTurn()
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(300)
  expect(sent).toEqual([{ tool: "push" }])
})

it("returns to an activity that is still running", async () => {
  const end = reporter.begin({ tool: "slow" })
  await vi.advanceTimersByTimeAsync(300)
  const endWait = reporter.begin({ waiting_for: "approval" })
  await vi.advanceTimersByTimeAsync(300)
  endWait()
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(300)
  end()
  reporter.report(null)
  await vi.advanceTimersByTimeAsync(300)
  expect(sent).toEqual([{ tool: "slow" }, { tool: "slow", waiting_for: "approval" }, { tool: "slow" }, null])
})

it("keeps the newest 16 KiB of streamed text", async () => {
  isIdle = false
  for (let i = 0; i < 100; i++) reporter.append("é".repeat(1_000))
  reporter.append("end")
  isIdle = true
  reporter.flush()
  const { text } = sent[0] as { text: string }
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024)
  expect(text.endsWith("éend")).toBe(true)
})
