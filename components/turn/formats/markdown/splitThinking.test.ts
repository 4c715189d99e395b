import { expect, test } from "vitest"
import { splitThinking } from "./splitThinking"

test("splits the thinking at the start of an open model's message from the rest", () => {
  const text = "<think>\nI should say 4.\n</think>\n\nIt is **4**."
  expect(splitThinking(text)).toEqual({ thinking: "I should say 4.", from: text.indexOf("It is") })
  expect(splitThinking("\n<reasoning>a</reasoning>b")).toMatchObject({ thinking: "a" })
})

test.each(["It is 4.", "<think>never closed", "Use <think> and </think>.", "<think>a</thinking>"])(
  "leaves %j",
  (text) => {
    expect(splitThinking(text)).toBeUndefined()
  },
)
