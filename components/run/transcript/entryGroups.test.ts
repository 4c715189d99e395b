import { expect, test } from "vitest"
import { aStoredTurn } from "@/lib/testing/builders"
import { entryGroups } from "./entryGroups"

const groups = (turn: Parameters<typeof aStoredTurn>[1]) =>
  entryGroups(aStoredTurn(0, turn)).map(({ role, entries }) => `${role} ${entries.length}`)

test("groups what one author says, and keeps calls apart", () => {
  const turn = { kind: "tool", tool: "bash", parameters: { command: "ls" } } as const
  expect(groups({ ...turn, prompt: "p", thinking: "t", message: "m" })).toEqual([
    "human 1",
    "model 2",
    "tool 1",
  ])
  expect(groups({ kind: "system", event: "e", message: "m", parameters: { a: 1 } })).toEqual(["system 2"])
})

test("attributes an error to the turn's author, not to the author of the prompt", () => {
  const error = { message: "401" }
  expect(groups({ kind: "model", prompt: "p", message: undefined, error })).toEqual(["human 1", "model 0"])
  expect(groups({ kind: "model", prompt: "p", output: "401", message: undefined, error })).toEqual([
    "human 1",
    "model 0",
  ])
  expect(groups({ kind: "tool", tool: "read", message: undefined, error })).toEqual(["tool 1"])
  expect(groups({ kind: "system", event: "e", message: undefined, error })).toEqual([])
})
