import { expect, test } from "vitest"
import { includesCached, readUsage } from "./readUsage"

const usage = (input: number, output: number, more: object = {}) => ({
  input_tokens: input,
  output_tokens: output,
  ...more,
})

test.each([
  ["OpenAI chat", { prompt_tokens: 512, completion_tokens: 73 }, usage(512, 73)],
  [
    "OpenAI chat with details",
    {
      ...{ prompt_tokens: 512, completion_tokens: 73 },
      prompt_tokens_details: { cached_tokens: 500 },
      completion_tokens_details: { reasoning_tokens: 64 },
    },
    usage(512, 73, { cached_input_tokens: 500, reasoning_tokens: 64 }),
  ],
  [
    "OpenAI responses",
    {
      ...{ input_tokens: 512, output_tokens: 73 },
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 64 },
    },
    usage(512, 73, { cached_input_tokens: 0, reasoning_tokens: 64 }),
  ],
  [
    "Anthropic, whose input excludes cached tokens",
    { input_tokens: 5_000, cache_read_input_tokens: 300, cache_creation_input_tokens: 20, output_tokens: 7 },
    usage(5_320, 7, { cached_input_tokens: 300, cache_creation_input_tokens: 20 }),
  ],
  [
    "Anthropic without reads",
    { input_tokens: 12, cache_creation_input_tokens: 3_000, cache_read_input_tokens: null, output_tokens: 7 },
    usage(3_012, 7, { cache_creation_input_tokens: 3_000 }),
  ],
  [
    "this protocol's, inclusive",
    { input_tokens: 100, cached_input_tokens: 80, output_tokens: 1 },
    usage(100, 1, { cached_input_tokens: 80 }),
  ],
  [
    "this protocol's, but exclusive",
    { input_tokens: 10, cached_input_tokens: 80, output_tokens: 1 },
    usage(90, 1, { cached_input_tokens: 80 }),
  ],
  [
    "AI SDK 5",
    { inputTokens: 512, outputTokens: 73, reasoningTokens: 10, cachedInputTokens: 300 },
    usage(512, 73, { cached_input_tokens: 300, reasoning_tokens: 10 }),
  ],
  [
    "AI SDK 6",
    {
      inputTokens: { total: 512, cacheRead: 200, cacheWrite: 100 },
      outputTokens: { total: 73, reasoning: 4 },
    },
    usage(512, 73, { cached_input_tokens: 200, cache_creation_input_tokens: 100, reasoning_tokens: 4 }),
  ],
  ["AI SDK 4", { promptTokens: 5, completionTokens: 6 }, usage(5, 6)],
  [
    "Gemini, which counts thoughts separately from the output",
    {
      promptTokenCount: 100,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 7,
    },
    usage(107, 50, { cached_input_tokens: 40, reasoning_tokens: 30 }),
  ],
  [
    "LangChain",
    {
      input_tokens: 9,
      output_tokens: 3,
      input_token_details: { cache_read: 4 },
      output_token_details: { reasoning: 2 },
    },
    usage(9, 3, { cached_input_tokens: 4, reasoning_tokens: 2 }),
  ],
  [
    "Bedrock, whose input excludes cached tokens",
    { inputTokens: 9, outputTokens: 3, cacheReadInputTokens: 4, cacheWriteInputTokens: 1 },
    usage(14, 3, { cached_input_tokens: 4, cache_creation_input_tokens: 1 }),
  ],
  ["Ollama", { prompt_eval_count: 9, eval_count: 3 }, usage(9, 3)],
  [
    "DeepSeek",
    { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 4 },
    usage(10, 2, { cached_input_tokens: 4 }),
  ],
  ["numeric text and fractions", { input_tokens: "12", output_tokens: 3.6 }, usage(12, 4)],
])("reads the usage of %s", (_, given, expected) => {
  const read = readUsage(given)
  expect(read.usage).toEqual(expected)
  expect(read.rest).toEqual({})
  expect(includesCached(read.usage)).toBe(true)
})

test("keeps fields without a counterpart in the protocol", () => {
  const given = {
    ...{ prompt_tokens: 1, total_tokens: 2, service_tier: "default", gone: null },
    prompt_tokens_details: { cached_tokens: 1, audio_tokens: 5, image_tokens: null },
  }
  expect(readUsage(given).rest).toEqual({
    ...{ total_tokens: 2, service_tier: "default" },
    prompt_tokens_details: { audio_tokens: 5 },
  })
})

test("keeps an implausible number, and reads a valid one under another name", () => {
  const { usage: read, rest } = readUsage({ input_tokens: -5, output_tokens: "many", prompt_tokens: 3 })
  expect(read).toEqual({ input_tokens: 3 })
  expect(rest).toEqual({ input_tokens: -5, output_tokens: "many" })
})

test("reads own fields only", () => {
  expect(readUsage(JSON.parse('{"__proto__":{"input_tokens":5}}')).usage).toEqual({})
})
