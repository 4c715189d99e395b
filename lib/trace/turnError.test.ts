import { expect, test } from "vitest"
import { errorText, hasError } from "./turnError"

test.each([
  ["an error", { error: { message: "boom" } }, "boom"],
  [
    "a flagged result of MCP",
    { output: { isError: true, content: [{ type: "text", text: "no such file" }] } },
    "no such file",
  ],
  [
    "a flagged result of Anthropic",
    { output: { type: "tool_result", is_error: true, content: "denied" } },
    "denied",
  ],
  [
    "a flagged block among others",
    { output: [{ type: "text" }, { is_error: true, content: [{ text: "late" }] }] },
    "late",
  ],
  ["a flag beside the output", { output: "not found", attributes: { is_error: true } }, "not found"],
  ["a flag without a text", { output: { isError: true } }, ""],
  ["a flag beside the exit code", { output: "no", cli_outcome: { exit_code: 2, is_error: true } }, "no"],
  ["a flag with its own text", { output: "", cli_outcome: { isError: true, message: "killed" } }, "killed"],
  ["a timeout", { output: "1 of 9 tests", cli_outcome: { timed_out: true } }, "timed out"],
  [
    "a timeout that the output reports",
    { output: "Command timed out after 2m", cli_outcome: { timedOut: true } },
    "Command timed out after 2m",
  ],
])("%s is an error, with its text", (_, turn, text) => {
  expect(hasError(turn)).toBe(true)
  expect(errorText(turn)).toBe(text)
})

test.each([
  ["nothing", {}],
  ["a result that isn't flagged", { output: { isError: false, is_error: null, content: "fine" } }],
  ["a flag that isn't true", { output: { isError: "true" }, attributes: { is_error: 1 } }],
  ["a flag deep inside", { output: { data: { isError: true } } }],
  ["an exit code", { exit_code: 1, cli_outcome: { exit_code: 1, is_error: false, timed_out: false } }],
  ["a list or text as the outcome", { cli_outcome: [{ is_error: true }], output: "timed out" }],
])("%s isn't an error", (_, turn) => {
  expect(hasError(turn)).toBe(false)
  expect(errorText(turn)).toBeUndefined()
})
