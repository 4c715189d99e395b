import { expect, it } from "vitest"
import { aStoredTurn } from "@/lib/testing/builders"
import { differentFields } from "./differentFields"

it("lists differing fields with their diffs and names identical ones, ignoring the order of keys", () => {
  const a = aStoredTurn(0, {
    tool: "edit",
    parameters: { x: 1, y: [2] },
    output: "one\ntwo",
    message: "Hm",
  })
  const b = aStoredTurn(3, {
    tool: "edit",
    parameters: { y: [2], x: 1 },
    output: "one\n2",
    error: { message: "no" },
  })
  const { different, same } = differentFields({ ...a }, { ...b, message: "Hm" })
  expect(same).toEqual(["Message", "Parameters"])
  expect(different.map(({ name }) => name)).toEqual(["Output", "Error"])
  expect(different[0]?.diff).toBe("@@ -1,2 +1,2 @@\n one\n-two\n+2")
  expect(different[1]?.diff).toBe("@@ -0,0 +1,1 @@\n+no")
})
