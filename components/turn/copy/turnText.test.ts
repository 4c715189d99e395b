import { expect, test } from "vitest"
import { aStoredTurn } from "@/lib/testing/builders"
import { turnCurl, turnMarkdown, turnMessages } from "./turnText"

const call = aStoredTurn(7, {
  ...{ kind: "tool", tool: "bash", prompt: "Run it", message: "Running.", parameters: { command: "ls" } },
  ...{ output: "```\na\n```", call_id: "c1" },
})

test("turnMarkdown fences output with more backticks than it contains", () => {
  const markdown = turnMarkdown(call)
  expect(markdown).toContain("## Turn 7 · bash")
  expect(markdown).toContain("**Prompt**\n\nRun it")
  expect(markdown).toContain('```json\n{\n  "command": "ls"\n}\n```')
  expect(markdown).toContain("````\n```\na\n```\n````")
})

test("turnMessages is a conversation in the format of providers", () => {
  expect(turnMessages(call)).toEqual([
    { role: "user", content: "Run it" },
    {
      role: "assistant",
      content: "Running.",
      tool_calls: [{ id: "c1", type: "function", function: { name: "bash", arguments: '{"command":"ls"}' } }],
    },
    { role: "tool", tool_call_id: "c1", content: "```\na\n```" },
  ])
})

test("turnCurl refers to the token without containing it", () => {
  expect(turnCurl("http://127.0.0.1:3000", "run/1", 7)).toBe(
    `curl -H "Authorization: Bearer $TURNLINE_TOKEN" 'http://127.0.0.1:3000/api/runs/run%2F1/turns/7'`,
  )
})
