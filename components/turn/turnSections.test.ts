import { expect, test } from "vitest"
import type { RunTurn } from "@/lib/protocol/turn"
import { cutsOf, omittedFields } from "./turnCuts"
import { turnSections } from "./turnSections"

const turn = (fields: Partial<RunTurn>): RunTurn => ({
  index: 3,
  recorded_at: "2026-01-01T00:00:00.000Z",
  kind: "model",
  verifier_verdict: "not_run",
  ...fields,
})
const names = (fields: Partial<RunTurn>) => turnSections(turn(fields)).map((section) => section.name)

test("a tool's parameters and a model's message come first", () => {
  const fields = { prompt: "p", message: "m", thinking: "t", parameters: { a: 1 }, output: "o" }
  expect(names({ ...fields, kind: "tool", tool: "bash" })).toEqual([
    "Parameters",
    "Output",
    "Message",
    "Thinking",
    "Prompt",
  ])
  expect(names(fields)).toEqual(["Message", "Output", "Thinking", "Prompt", "Parameters"])
})

test("empty fields and a verifier that never ran have no section", () => {
  expect(names({ message: "", output: null })).toEqual(["Output"])
  expect(names({ verifier_verdict: { reward: 1 } })).toEqual(["Verdict"])
})

test("an exit code has a section unless the output shows it", () => {
  expect(names({ output: "o", exit_code: 1 })).toEqual(["Output", "Exit status"])
  expect(names({ output: { stdout: "o", exit_code: 1 }, exit_code: 1 })).toEqual(["Output"])
  expect(names({ output: { output: "o", metadata: { exit_code: 1 } }, exit_code: 1 })).toEqual(["Output"])
  expect(names({ output: { rows: 1, exit_code: 1 }, exit_code: 1 })).toEqual(["Output"])
})

test("in chronological order, the prompt comes first", () => {
  const sections = turnSections(
    turn({ output: "o", message: "m", prompt: "p", thinking: "t" }),
    "chronological",
  )
  expect(sections.map((section) => section.field)).toEqual(["prompt", "thinking", "message", "output"])
})

test("cutsOf lists the cut strings of a field with their tails", () => {
  const cut = turn({
    truncated: { "/output/a": 20_000, "/output/b": 30_000, "/outputs": 1 },
    tails: { "/output/a": "end" },
    output: {},
  })
  expect([...cutsOf(cut, "output")]).toEqual([
    ["/output/a", { bytes: 20_000, tail: "end" }],
    ["/output/b", { bytes: 30_000, tail: "" }],
  ])
  expect(cutsOf(cut, "prompt").size).toBe(0)
})

test("omittedFields lists fields that weren't sent", () => {
  const cut = turn({ truncated: { "/output": 900_000, "/message": 20_000 }, message: "m" })
  expect(omittedFields(cut)).toEqual([{ field: "output", bytes: 900_000 }])
})
