import { expect, test } from "vitest"
import { spokenIn, spokenText } from "./spokenText"

const messages = [
  { role: "system", content: "Be brief" },
  { role: "user", content: [{ type: "text", text: 'Say "hi"' }] },
]

test.each<[string, unknown, string | undefined]>([
  ["words", "Hello", "Hello"],
  ["words in brackets", "[1] is a footnote", "[1] is a footnote"],
  ["messages as JSON", JSON.stringify(messages), "Be brief"],
  [
    "a response that calls a tool",
    JSON.stringify({ output: [{ type: "function_call", name: "find" }] }),
    "calls find",
  ],
  ["JSON that was cut", '{"choices":[{"message":{"content":"The answer is 4', "The answer is 4"],
  ["JSON cut within an escape", '[{"text":"a\\u00', "a"],
  ["JSON without words", '{"n":1}', undefined],
  [
    "a response",
    { id: "r", output: [{ type: "message", content: [{ type: "output_text", text: "Hi" }] }] },
    "Hi",
  ],
  ["an object without words", { n: 1 }, undefined],
  ["nothing", undefined, undefined],
])("returns the text in %s", (_name, value, expected) => {
  expect(spokenText(value)).toBe(expected)
})

test("returns the last text of a prompt, because earlier messages aren't new", () => {
  expect(spokenText(JSON.stringify(messages), true)).toBe('Say "hi"')
})

const request = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "What is the weather?" },
]

test.each([
  ["prose", "Fix the\nflaky test", "Fix the\nflaky test"],
  ["messages", JSON.stringify(request), "What is the weather?"],
  ["a request", JSON.stringify({ model: "m", messages: request }), "What is the weather?"],
  ["a request encoded twice", JSON.stringify(JSON.stringify({ prompt: "Why?" })), "Why?"],
  ["a request encoded twice and cut off", '"{\\"prompt\\":\\"Why?\\",\\"system\\":\\"Be br\\', "Why?"],
  ["data", '{"id":1}', '{"id":1}'],
  ["a JSON string", '"Why\\nnow?"', "Why\nnow?"],
  ["a quotation", '"Go" it said', '"Go" it said'],
  ["invalid JSON", '"{\\x', '"{\\x'],
])("finds the text in %s", (_, text, words) => {
  expect(spokenIn(text)).toBe(words)
})

test("reads the transcript of spoken audio", () => {
  const message = { role: "assistant", content: null, audio: { id: "a", transcript: "Hello" } }
  expect(spokenText({ choices: [{ message }] })).toBe("Hello")
  expect(spokenText(JSON.stringify({ choices: [{ message }] }))).toBe("Hello")
})
