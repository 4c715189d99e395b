import { asNumeric, asObject, parseIfStructured } from "@/lib/dialects/json"
import type { Usage } from "@/lib/dialects/traces/Step"
import type { Json } from "@/lib/protocol/fields"
import { pick, pickNumber, pickText } from "./attributes"
import type { Attributes } from "./OtelRecord"

type Counts = {
  input?: number
  output?: number
  cached?: number
  created?: number
  reasoning?: number
  total?: number
}

type CountNames = { readonly [Name in keyof Required<Counts>]: readonly string[] }

const COUNTS = ["input", "output", "cached", "created", "reasoning", "total"] as const

/** The span attributes with each count, in any convention. The first one that is set is used. */
const ATTRIBUTES: CountNames = {
  input: [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
  ],
  output: [
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "llm.usage.completion_tokens",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
  ],
  cached: [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cached_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "gen_ai.usage.details.cached_tokens",
    "ai.usage.cachedInputTokens",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "llm.token_count.prompt_details.cache_read",
    "llm.usage.cache_read_input_tokens",
    "cache_read_tokens",
  ],
  created: [
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.details.cache_write_tokens",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
    "llm.token_count.prompt_details.cache_write",
    "cache_creation_tokens",
  ],
  reasoning: [
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "ai.usage.reasoningTokens",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "llm.token_count.completion_details.reasoning",
  ],
  total: ["gen_ai.usage.total_tokens", "llm.token_count.total", "llm.usage.total_tokens"],
}

/** The fields with each count in objects of any provider. */
const FIELDS: CountNames = {
  input: ["input_tokens", "prompt_tokens", "inputTokens", "promptTokenCount", "input"],
  output: ["output_tokens", "completion_tokens", "outputTokens", "candidatesTokenCount", "output"],
  cached: [
    "cached_input_tokens",
    "input_token_details.cache_read",
    "input_tokens_details.cached_tokens",
    "prompt_tokens_details.cached_tokens",
    "cache_read_input_tokens",
    "cachedInputTokens",
    "cachedContentTokenCount",
    "input_cached_tokens",
    "input_cache_read",
  ],
  created: [
    "input_token_details.cache_creation",
    "cache_creation_input_tokens",
    "cache_write_tokens",
    "cache_write_input_tokens",
    "input_cache_creation",
  ],
  reasoning: [
    "reasoning_tokens",
    "output_token_details.reasoning",
    "output_tokens_details.reasoning_tokens",
    "completion_tokens_details.reasoning_tokens",
    "reasoningTokens",
    "thoughtsTokenCount",
    "output_reasoning_tokens",
  ],
  total: ["total_tokens", "total", "totalTokens", "totalTokenCount"],
}

/**
 * Builds the usage of a call. `input_tokens` includes cached tokens. Counts that exclude them (Anthropic's own,
 * Langfuse's) are recognized by the total, or by an input smaller than its cached part, and added up.
 */
export function makeUsage(counts: Counts, isExclusive = false): Usage | undefined {
  const { input, output, cached = 0, created = 0, reasoning, total } = counts
  if (input === undefined && output === undefined) return undefined
  const usage: Usage = {}
  if (input !== undefined) {
    const excludes =
      isExclusive ||
      input < cached + created ||
      (cached + created > 0 && total !== undefined && total === input + cached + created + (output ?? 0))
    usage.input_tokens = whole(excludes ? input + cached + created : input)
  }
  if (output !== undefined) usage.output_tokens = whole(output)
  if (counts.cached !== undefined) usage.cached_input_tokens = whole(cached)
  if (counts.created !== undefined) usage.cache_creation_input_tokens = whole(created)
  if (reasoning !== undefined) usage.reasoning_tokens = whole(reasoning)
  return usage
}

function whole(count: number): number {
  return Math.max(0, Math.round(count))
}

/** Reads usage from span attributes of any convention. */
export function usageOf(attributes: Attributes): Usage | undefined {
  const details = detailedUsage(
    pick(attributes, "langfuse.observation.usage_details", "langsmith.usage_metadata"),
  )
  if (details !== undefined) return details
  const counts = readCounts(ATTRIBUTES, (names) => pickNumber(attributes, ...names))
  return makeUsage(counts, isExclusiveAiSdk(attributes))
}

/** Returns true for the AI SDK up to version 5, which doesn't convert Anthropic's counts. */
function isExclusiveAiSdk(attributes: Attributes): boolean {
  const provider = pickText(attributes, "ai.model.provider")
  return (
    provider !== undefined &&
    /anthropic/.test(provider) &&
    attributes["ai.usage.inputTokenDetails.noCacheTokens"] === undefined &&
    attributes["ai.usage.inputTokenDetails.cacheReadTokens"] === undefined
  )
}

/** Reads usage from an object with any provider's field names. */
export function detailedUsage(raw: Json | undefined): Usage | undefined {
  const usage = asObject(parseIfStructured(raw))
  if (usage === undefined) return undefined
  const first = (...names: readonly string[]) => {
    for (const name of names) {
      const value = name.split(".").reduce<unknown>((at, key) => asObject(at)?.[key], usage)
      const number = asNumeric(value)
      if (number !== undefined) return number
    }
    return undefined
  }
  // Anthropic's own fields, unless other fields show that a different sender uses the same names.
  const isExclusive =
    first("cache_read_input_tokens", "cache_creation_input_tokens") !== undefined &&
    first("input_token_details.cache_read", "total_tokens", "total") === undefined
  return makeUsage(
    readCounts(FIELDS, (names) => first(...names)),
    isExclusive,
  )
}

/** Reads each count that is known by one of its names. */
function readCounts(names: CountNames, read: (names: readonly string[]) => number | undefined): Counts {
  const counts: Counts = {}
  for (const name of COUNTS) {
    const count = read(names[name])
    if (count !== undefined) counts[name] = count
  }
  return counts
}
