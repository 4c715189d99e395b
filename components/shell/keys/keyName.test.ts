import { expect, test } from "vitest"
import { type KeyPress, keyName } from "./keyName"

const name = (press: Partial<KeyPress>) =>
  keyName({
    ...{ key: "j", code: "KeyJ", keyCode: 74, isComposing: false },
    ...{ ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
    ...press,
  })

test("a letter with Ctrl or Cmd has a different name", () => {
  expect(name({})).toBe("j")
  expect(name({ key: "K", ctrlKey: true })).toBe("mod+k")
  expect(name({ key: "k", metaKey: true })).toBe("mod+k")
})

test("key presses of an input method have no name", () => {
  expect(name({ key: "Enter", isComposing: true })).toBeUndefined()
  expect(name({ key: "Escape", keyCode: 229 })).toBeUndefined()
})

test("a letter follows its character on Latin layouts", () => {
  expect(name({ key: "y", code: "KeyZ" })).toBe("y")
  expect(name({ key: "ü", code: "BracketLeft" })).toBe("ü")
})

test("a letter follows its position on other layouts", () => {
  expect(name({ key: "о", code: "KeyJ" })).toBe("j")
  expect(name({ key: "П", code: "KeyG", shiftKey: true })).toBe("G")
  expect(name({ key: "л", code: "KeyK", ctrlKey: true })).toBe("mod+k")
  expect(name({ key: "х", code: "BracketLeft" })).toBe("[")
})

test("punctuation can be typed with AltGr and Option", () => {
  expect(name({ key: "[", code: "Digit8", ctrlKey: true, altKey: true })).toBe("[")
  expect(name({ key: "]", code: "Digit6", altKey: true })).toBe("]")
})

test("other Alt combinations have no name", () => {
  expect(name({ altKey: true })).toBeUndefined()
  expect(name({ key: "ArrowLeft", altKey: true })).toBeUndefined()
})
