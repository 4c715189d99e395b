import { describe, expect, test } from "vitest"
import { readTokenCommand } from "./readTokenCommand"

const NOW = Date.UTC(2026, 0, 1)
const read = (line: string) => readTokenCommand(line === "" ? [] : line.split(" "), NOW)

describe("the token command's arguments", () => {
  test("by default, a token writes nothing, reads its own runs and controls nothing", () => {
    expect(read("create ci")).toEqual({
      name: "create",
      grant: { name: "ci", write: [], read: "own", control: false, mint: false },
    })
  })

  test("every right has its option", () => {
    expect(
      read("create ci --write a,b/* --read all --control --mint --expires 2030-01-31T12:00:00+01:00"),
    ).toEqual({
      name: "create",
      grant: {
        name: "ci",
        write: ["a", "b/*"],
        read: "all",
        control: true,
        mint: true,
        expires_at: "2030-01-31T11:00:00.000Z",
      },
    })
    expect(read("create eye --read ci/*,x")).toMatchObject({ grant: { read: ["ci/*", "x"] } })
  })

  test("list and revoke", () => {
    expect(read("list")).toEqual({ name: "list", json: false })
    expect(read("revoke ci")).toEqual({ name: "revoke", nameOrId: "ci" })
  })

  test.each([
    "",
    "make ci",
    "create",
    "create a b",
    "create ci --write a*b",
    "create ci --write a,,b",
    "create ci --read every one",
    "create ci --expires tomorrow",
    "create ci --expires 2020-01-01T00:00:00Z",
    "create ci --admin",
    "list all",
    "revoke",
    "revoke a b",
  ])("%j is refused with an explanation", (line) => {
    expect(read(line)).toHaveProperty("problem")
  })
})
