import { describe, expect, test } from "vitest"
import { readStreams } from "./readStreams"

describe("readStreams", () => {
  test.each([
    ["both streams", { stdout: "a", stderr: "b", exit_code: 2 }, ["stdout a", "stderr b"], 2, {}],
    [
      "Claude Code",
      { stdout: "a", stderr: "", interrupted: false, isImage: false },
      ["stdout a"],
      undefined,
      { interrupted: false, isImage: false },
    ],
    [
      "Codex",
      { output: "a", metadata: { exit_code: 1, duration_seconds: 0.2 } },
      ["stdout a"],
      1,
      { metadata: { exit_code: 1, duration_seconds: 0.2 } },
    ],
    ["Python's subprocess", { stdout: "", stderr: "boom", returncode: -9 }, ["stderr boom"], -9, {}],
    ["Node's child_process", { stdout: "a", stderr: "", code: 0 }, ["stdout a"], 0, {}],
    ["one combined output", { output: "a", exitCode: "3" }, ["stdout a"], 3, {}],
    ["no output", { stdout: "", stderr: "", exit_code: 0 }, [], 0, {}],
    ["null streams", { stdout: "a", stderr: null }, ["stdout a"], undefined, {}],
    [
      "streams as lists of lines",
      { stdout: ["a\n", "b\n"], stderr: ["c", "d"], exit_code: 1 },
      ["stdout a\nb\n", "stderr c\nd"],
      1,
      {},
    ],
    ["streams that are empty lists", { stdout: [], stderr: [], code: 2 }, [], 2, {}],
    [
      "OpenHands",
      { observation: "run", content: "a", extras: { exit_code: 1, command: "ls" } },
      ["stdout a"],
      1,
      { observation: "run", extras: { exit_code: 1, command: "ls" } },
    ],
    [
      "newer versions of OpenHands",
      { observation: "run", content: "a", extras: { metadata: { exit_code: 2 } } },
      ["stdout a"],
      2,
      { observation: "run", extras: { metadata: { exit_code: 2 } } },
    ],
    ["unknown fields", { stdout: "a", pid: 7, cwd: "/w" }, ["stdout a"], undefined, { pid: 7, cwd: "/w" }],
  ])("reads %s", (_name, value, streams, exitCode, rest) => {
    const output = readStreams(value)
    expect(output?.streams.map(({ name, text }) => `${name} ${text}`)).toEqual(streams)
    expect(output?.exitCode).toBe(exitCode)
    expect(output?.rest).toEqual(rest)
  })

  test.each([
    ["an object with an output", { output: "a" }],
    ["an HTTP response", { status: 200, body: "a" }],
    ["an HTTP response with a text", { status: 500, text: "a" }],
    ["an error object", { code: "ENOENT", message: "a" }],
    ["streams that aren't text", { stdout: [1], stderr: 1 }],
    ["a list", ["stdout"]],
    ["null", null],
  ])("doesn't mistake %s for the output of a process", (_name, value) => {
    expect(readStreams(value)).toBeUndefined()
  })
})

test.each([
  ["Go", { Stdout: "hi", Stderr: "no", ExitCode: 127 }, ["hi", "no"], 127, []],
  ["Ansible", { rc: 2, stdout: "", stderr: "ls: no", changed: true }, ["ls: no"], 2, ["changed"]],
  ["Daytona", { exitCode: 0, result: "total 4" }, ["total 4"], 0, []],
  ["E2B", { logs: { stdout: ["a\n", "b\n"], stderr: [] }, results: [1] }, ["a\nb\n"], undefined, ["results"]],
  [
    "AWS Systems Manager",
    { ResponseCode: 1, StandardOutputContent: "hello", StandardErrorContent: "failed" },
    ["hello", "failed"],
    1,
    [],
  ],
  ["OpenAI", { stdout: "a", stderr: "", outcome: { type: "exit", exit_code: 2 } }, ["a"], 2, ["outcome"]],
])("reads the streams of %s", (_name, value, texts, exitCode, rest) => {
  const output = readStreams(value)
  expect(output?.streams.map(({ text }) => text)).toEqual(texts)
  expect(output?.exitCode).toBe(exitCode)
  expect(Object.keys(output?.rest ?? {})).toEqual(rest)
})

test("leaves logs that aren't streams", () => {
  expect(readStreams({ logs: ["a"] })).toBeUndefined()
  expect(readStreams({ logs: { level: "info" }, result: "x" })).toBeUndefined()
})
