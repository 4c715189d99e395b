import { expect, test } from "vitest"
import { sayCounts } from "@/components/shell/announce"
import { keyName } from "./useKeys"

const key = (given: Partial<KeyboardEvent>) =>
  keyName({ key: "j", ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...given })

test("a letter with Ctrl or Cmd is another key than the letter, and what composes a character is none", () => {
  expect(key({})).toBe("j")
  expect(key({ key: "K", ctrlKey: true })).toBe("mod+k")
  expect(key({ key: "k", metaKey: true })).toBe("mod+k")
  expect(key({ altKey: true })).toBeUndefined()
  expect(key({ isComposing: true })).toBeUndefined()
})

test("what is announced is one sentence, with the plural where it belongs", () => {
  const counts = new Map([
    ["new turn", 5],
    ["error", 1],
  ])
  expect(sayCounts(counts)).toBe("5 new turns, 1 error")
})
