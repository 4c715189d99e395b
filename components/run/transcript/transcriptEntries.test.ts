import { describe, expect, test } from "vitest"
import type { RunTurn } from "@/lib/protocol/turn"
import { transcriptEntries } from "./transcriptEntries"

/** The entries of a turn in short. */
function entries(fields: Partial<RunTurn>): string[] {
  const turn: RunTurn = {
    ...{ index: 0, recorded_at: "2026-01-01T00:00:00.000Z", kind: "model", verifier_verdict: "not_run" },
    ...fields,
  }
  return transcriptEntries(turn).map((entry) => {
    if (entry.kind === "words")
      return `${entry.role} ${entry.words.field}${entry.isThinking ? " (thinking)" : ""}`
    const { title } = entry
    const text = "command" in title ? `$ ${title.command}` : `${title.tool}(${title.args})`
    return [entry.role, text, entry.parameters && "+ parameters", entry.output && "+ output"]
      .filter(Boolean)
      .join(" ")
  })
}

describe("transcriptEntries", () => {
  test.each<[string, Partial<RunTurn>, string[]]>([
    [
      "a model turn",
      { prompt: "p", thinking: "t", message: "m" },
      ["human prompt", "model thinking (thinking)", "model message"],
    ],
    ["a model turn whose words are its output", { output: "m" }, ["model output"]],
    ["a person's turn", { kind: "human", message: "m" }, ["human message"]],
    ["a person's turn with a prompt only", { kind: "human", prompt: "p" }, ["human prompt"]],
    ["a system event", { kind: "system", event: "compaction", message: "m" }, ["system message"]],
    ["a system event without words", { kind: "system", event: "compaction" }, ["system event"]],
    [
      "a command",
      { kind: "tool", tool: "bash", parameters: { command: "ls" }, output: "a" },
      ["tool $ ls + output"],
    ],
    [
      "a command with more parameters",
      { kind: "tool", tool: "bash", parameters: { command: "ls", timeout: 5 } },
      ["tool $ ls + parameters"],
    ],
    [
      "a command as a list",
      { kind: "tool", tool: "shell", parameters: { command: ["bash", "-lc", "ls"] } },
      ["tool $ bash -lc ls"],
    ],
    [
      "a tool",
      { kind: "tool", tool: "read", parameters: { path: "a.ts", limit: 10 }, output: "x" },
      ['tool read(path: "a.ts", limit: 10) + output'],
    ],
    [
      "a tool with long parameters",
      { kind: "tool", tool: "write", parameters: { text: "x\ny" } },
      ['tool write(text: "x y…") + parameters'],
    ],
    ["a tool without parameters", { kind: "tool", tool: "now", output: "12:00" }, ["tool now() + output"]],
    [
      "a tool with words before it",
      { kind: "tool", tool: "bash", prompt: "p", message: "m", parameters: { command: "ls" } },
      ["human prompt", "model message", "tool $ ls"],
    ],
    [
      "a sub-agent",
      { kind: "agent", tool: "research", prompt: "task", output: "found" },
      ["agent prompt", "agent research() + output"],
    ],
    ["an empty turn", { message: "  ", output: "" }, []],
    [
      "a command field of another tool",
      { kind: "tool", tool: "editor", parameters: { command: "view", path: "a" } },
      ['tool editor(command: "view", path: "a")'],
    ],
  ])("splits %s", (_name, fields, expected) => {
    expect(entries(fields)).toEqual(expected)
  })
})
