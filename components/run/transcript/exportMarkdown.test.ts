import { expect, test } from "vitest"
import { aStoredTurn } from "@/lib/testing/builders"
import { exportMarkdown } from "./exportMarkdown"

test("keeps every digit, errors and the outcome in the Markdown export", () => {
  const failed = { record: "turn", ...aStoredTurn(1, { error: { message: "no", type: "E", code: 7 } }) }
  const lines = [
    '{"record":"started","intent":"Count"}',
    JSON.stringify({ record: "turn", ...aStoredTurn(0, { tool: "count", output: { id: 0 } }) }).replace(
      '"id":0',
      '"id":12345678901234567890',
    ),
    JSON.stringify(failed),
    '{"record":"ended","termination":{"kind":"incomplete","reason":"disconnected"}}',
  ]
  const markdown = exportMarkdown(`${lines.join("\n")}\n`)
  expect(markdown).toContain("# Count")
  expect(markdown).toContain('"id": 12345678901234567890')
  expect(markdown).toContain('**Error · E**\n\n```\nno\n```\n\n```json\n{\n  "code": 7\n}\n```')
  expect(markdown).toContain("## Outcome: incomplete")
})
