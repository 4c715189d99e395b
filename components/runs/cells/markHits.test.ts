import fc from "fast-check"
import { expect, test } from "vitest"
import { markHits } from "./markHits"

const marked = (text: string, query: string) =>
  markHits(text, query)
    .map((part) => (part.isHit ? `[${part.text}]` : part.text))
    .join("")

test("words are marked regardless of case", () => {
  expect(marked("The Zeppelin exploded over the zeppelin", "zeppelin")).toBe(
    "The [Zeppelin] exploded over the [zeppelin]",
  )
  expect(marked("npm test failed", "failed test")).toBe("npm [test] [failed]")
})

test("a phrase is marked as a whole", () => {
  expect(marked("a quota of tenant 118", '"quota of" tenant')).toBe("a [quota of] [tenant] 118")
  expect(marked("exit code 1", "exit code")).toBe("[exit code] 1")
})

test("special characters are matched literally", () => {
  expect(marked("a+b (c) [d] $e", "(c) [d]")).toBe("a+b [(c) [d]] $e")
})

test("an empty search marks nothing", () => {
  expect(marked("text", " ")).toBe("text")
})

test("the parts add up to the text, whatever is searched", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, query) => {
      expect(
        markHits(text, query)
          .map((part) => part.text)
          .join(""),
      ).toBe(text)
    }),
  )
})
