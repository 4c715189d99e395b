import { expect, test } from "vitest"
import { progressPayload } from "./runPayloads"

test("a call with more parameters than progress may have shows their beginning", () => {
  const progress = {
    kind: "tool",
    tool: "Write",
    parameters: { path: "a.ts", content: '"\n'.repeat(50_000) },
  }
  const shown = progressPayload(progress, null, true)
  expect(shown).toMatchObject({ kind: "tool", tool: "Write" })
  expect(String(shown?.parameters)).toMatch(/^\{"path":"a\.ts","content":/)
  expect(JSON.stringify(shown).length).toBeLessThanOrEqual(17 * 1024)
})

test("names and texts of any length are within the protocol's limits", () => {
  const long = "é".repeat(20_000)
  const progress = { tool: long, model: long, prompt: long, text: long }
  const shown = progressPayload(progress, { for: long, kind: "approval" }, true)
  for (const [field, bytes] of [
    ["tool", 256],
    ["model", 256],
    ["prompt", 16_384],
    ["text", 16_384],
    ["waiting_for", 4_096],
  ] as const)
    expect(Buffer.byteLength(String(shown?.[field])), field).toBeLessThanOrEqual(bytes)
})
