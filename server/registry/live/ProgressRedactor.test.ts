import { expect, test } from "vitest"
import type { Progress } from "@/lib/protocol/run"
import { fakeClock } from "@/lib/testing/fakeClock"
import { Redactor } from "@/server/redact/Redactor"
import { LiveProgress } from "./LiveProgress"

// Built at run time, so that secret scanners don't flag this file.
const SECRET = `ghp_${"Ab3dEf7h".repeat(5)}`

function aLiveProgress(redactor = new Redactor(Buffer.alloc(32))) {
  const clock = fakeClock()
  const published: (Progress | null)[] = []
  const tell = (progress: Progress | null) => published.push(progress)
  const live = new LiveProgress(clock, tell, redactor)
  return { clock, published, live, me: {} }
}

test("a secret that arrives in pieces is never published, not even partially", () => {
  const { clock, published, live, me } = aLiveProgress()
  for (const piece of ["the key is ", ...SECRET, " and", " so on"]) {
    live.report(me, { text_delta: piece })
    clock.advance(100)
  }
  expect(published.length).toBeGreaterThan(20)
  for (const progress of published) expect(progress?.text).not.toMatch(/ghp_/)
  expect(published.at(-1)?.text).toMatch(/^the key is \[redacted:github:\w{8}\] and so on$/)
  expect(live.activity()?.text).not.toContain("ghp_")
})

test("S18: with a strict redactor, at most a few characters of a key of unknown form are published when it arrives in pieces", () => {
  const key = "kR7vQ2mX9pL4tZ8wB3nJ6yH1cF5dS0gA"
  const { clock, published, live, me } = aLiveProgress(new Redactor(Buffer.alloc(32), { random: true }))
  for (const piece of ["the key is ", ...key, " and", " so on"]) {
    live.report(me, { text_delta: piece })
    clock.advance(100)
  }
  for (const progress of published) expect(progress?.text).not.toContain(key.slice(0, 8))
  expect(published.at(-1)?.text).toMatch(/^the key is \[redacted:random:\w{8}\] and so on$/)
})

test("a secret stays redacted after its start has been cut off", () => {
  const { clock, published, live, me } = aLiveProgress()
  const lines = `line ${"x ".repeat(40)}\n`
  live.report(me, { text: `${lines}-----BEGIN ${"PRIVATE"} KEY-----\n` })
  for (let at = 0; at < 60; at++) {
    live.report(me, { text_delta: `secretline${at}\n` })
    clock.advance(100)
  }
  live.report(me, { text_delta: `-----END ${"PRIVATE"} KEY-----\n` })
  while ((live.current?.text?.length ?? 0) < 16_000) live.report(me, { text_delta: lines })
  for (let at = 0; at < 20; at++) {
    live.report(me, { text_delta: lines })
    clock.advance(100)
  }
  expect(JSON.stringify(published)).not.toContain("secretline")
  expect(new TextEncoder().encode(live.current?.text).length).toBeLessThanOrEqual(16 * 1024)
})

test("all other fields are redacted, and a report without secrets isn't changed", () => {
  const { published, live, me, clock } = aLiveProgress()
  live.report(me, {
    prompt: `${"p".repeat(16_370)}${SECRET}`,
    parameters: { password: "x" },
    waiting_for: `approval of ${SECRET}`,
  })
  expect(JSON.stringify(published)).not.toMatch(/ghp_|"x"/)
  expect(live.activity()?.waiting_for).toMatch(/^approval of \[redacted:github:/)
  live.clear()
  live.report(me, { tool: "Bash", parameters: { n: 1 }, text: "plain text" })
  clock.advance(100)
  expect(published.at(-1)).toEqual({ tool: "Bash", parameters: { n: 1 }, text: "plain text" })
})
