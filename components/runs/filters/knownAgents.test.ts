import { expect, test } from "vitest"
import { aRun } from "@/lib/testing/builders"
import { findAgent, knownAgents } from "./knownAgents"

const agents = knownAgents([
  aRun({ agent_id: "name:ada-seven", agent_name: "Ada Seven" }),
  aRun({ agent_id: "ci/lint" }),
  aRun({ agent_id: "ci/lint", agent_name: "Linter" }),
  aRun({ agent_id: "ci/lint" }),
])

test("each agent is listed once, under its name", () => {
  expect(agents).toEqual([
    { id: "name:ada-seven", name: "Ada Seven" },
    { id: "ci/lint", name: "Linter" },
  ])
})

test("an agent is found by its name or id, regardless of case", () => {
  for (const text of ["Ada Seven", "ada seven", "name:ada-seven"])
    expect(findAgent(agents, text)?.id).toBe("name:ada-seven")
  expect(findAgent(agents, "CI/LINT")?.id).toBe("ci/lint")
  expect(findAgent(agents, "Ada")).toBeUndefined()
})
