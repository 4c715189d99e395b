import { expect, test } from "vitest"
import type { RunTurn } from "@/lib/protocol/turn"
import { cutOf, leftOut, turnSections } from "./turnSections"

const turn = (fields: Partial<RunTurn>): RunTurn => ({
  index: 3,
  recorded_at: "2026-01-01T00:00:00.000Z",
  kind: "model",
  verifier_verdict: "not_run",
  ...fields,
})
const names = (fields: Partial<RunTurn>) => turnSections(turn(fields)).map((section) => section.name)

test("a tool's call comes first, a model's words come first", () => {
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

test("what is empty is left out, and a verdict that never ran", () => {
  expect(names({ message: "", output: null })).toEqual(["Output"])
  expect(names({ verifier_verdict: { reward: 1 } })).toEqual(["Verdict"])
})

test("cuts inside a field are counted with their full size", () => {
  const cut = turn({ truncated: { "/output/a": 20_000, "/output/b": 30_000, "/outputs": 1 }, output: {} })
  expect(cutOf(cut, "output")).toEqual({ places: 2, bytes: 50_000 })
  expect(cutOf(cut, "prompt")).toBeUndefined()
})

test("fields left out whole are named", () => {
  expect(leftOut(turn({ truncated: { "/output": 900_000, "/message": 20_000 }, message: "m" }))).toEqual([
    { field: "output", bytes: 900_000 },
  ])
})

test("told, a turn goes from prompt to output", () => {
  const told = turnSections(turn({ output: "o", message: "m", prompt: "p", thinking: "t" }), "told")
  expect(told.map((section) => section.field)).toEqual(["prompt", "thinking", "message", "output"])
})
