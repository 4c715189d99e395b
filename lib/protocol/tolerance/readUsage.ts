import { asCount, type Fields, isFields, ownField } from "./values"

/** A turn's usage in the protocol's fields. */
export type Usage = {
  input_tokens?: number
  output_tokens?: number
  cached_input_tokens?: number
  cache_creation_input_tokens?: number
  reasoning_tokens?: number
}

/** Where to find a token count: a list of paths of field names. The first path that leads to a number is used. */
type Places = readonly (readonly string[])[]

const PLACES: Readonly<Record<keyof Usage, Places>> = {
  input_tokens: [
    ["input_tokens"],
    ["prompt_tokens"],
    ["inputTokens"],
    ["inputTokens", "total"],
    ["promptTokens"],
    ["promptTokenCount"],
    ["prompt_token_count"],
    ["inputTokenCount"],
    ["prompt_eval_count"],
    ["gen_ai.usage.input_tokens"],
    ["gen_ai.usage.prompt_tokens"],
  ],
  output_tokens: [
    ["output_tokens"],
    ["completion_tokens"],
    ["outputTokens"],
    ["outputTokens", "total"],
    ["completionTokens"],
    ["candidatesTokenCount"],
    ["candidates_token_count"],
    ["outputTokenCount"],
    ["eval_count"],
    ["gen_ai.usage.output_tokens"],
    ["gen_ai.usage.completion_tokens"],
  ],
  cached_input_tokens: [
    ["cached_input_tokens"],
    ["cache_read_input_tokens"],
    ["prompt_tokens_details", "cached_tokens"],
    ["input_tokens_details", "cached_tokens"],
    ["input_token_details", "cache_read"],
    ["cachedInputTokens"],
    ["inputTokens", "cacheRead"],
    ["inputTokenDetails", "cacheReadTokens"],
    ["cacheReadInputTokens"],
    ["cacheReadInputTokenCount"],
    ["cachedContentTokenCount"],
    ["cached_content_token_count"],
    ["prompt_cache_hit_tokens"],
    ["gen_ai.usage.cache_read.input_tokens"],
  ],
  cache_creation_input_tokens: [
    ["cache_creation_input_tokens"],
    ["input_token_details", "cache_creation"],
    ["inputTokens", "cacheWrite"],
    ["inputTokenDetails", "cacheWriteTokens"],
    ["cacheWriteInputTokens"],
    ["cacheWriteInputTokenCount"],
    ["gen_ai.usage.cache_creation.input_tokens"],
  ],
  reasoning_tokens: [
    ["reasoning_tokens"],
    ["completion_tokens_details", "reasoning_tokens"],
    ["output_tokens_details", "reasoning_tokens"],
    ["output_token_details", "reasoning"],
    ["reasoningTokens"],
    ["outputTokens", "reasoning"],
    ["outputTokenDetails", "reasoningTokens"],
    ["thoughtsTokenCount"],
    ["thoughts_token_count"],
  ],
}

/** Field names of providers whose input tokens exclude cached ones. */
const EXCLUSIVE = ["cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount"]
/** Gemini counts thoughts and tool prompts separately from output and input. */
const EXTRA_OUTPUT = ["thoughtsTokenCount", "thoughts_token_count"]
const EXTRA_INPUT = ["toolUsePromptTokenCount", "tool_use_prompt_token_count"]

/**
 * Reads usage in the field names of this protocol, OpenAI, Anthropic, the AI SDK, Gemini, LangChain, Bedrock, Ollama
 * and OpenTelemetry. `rest` contains fields without a counterpart, so that nothing is lost. In the result, input tokens
 * include cached ones.
 */
export function readUsage(given: Fields): { usage: Usage; rest: Fields } {
  const used = new Set<string>()
  const usage: Usage = {}
  for (const [name, places] of Object.entries(PLACES) as [keyof Usage, Places][]) {
    const tokens = firstCount(given, places, used)
    if (tokens !== undefined) usage[name] = tokens
  }
  addExtra(given, usage, "output_tokens", EXTRA_OUTPUT, used)
  addExtra(given, usage, "input_tokens", EXTRA_INPUT, used)
  includeCached(given, usage)
  return { usage, rest: without(given, used) }
}

/** Returns true if there are at least as many input tokens as cached tokens, so the input can include them. */
export function includesCached(usage: Usage): boolean {
  return (usage.input_tokens ?? 0) >= cachedOf(usage)
}

function firstCount(given: Fields, places: Places, used: Set<string>): number | undefined {
  for (const [name = "", inner] of places) {
    const value = ownField(given, name)
    const found = inner === undefined ? value : isFields(value) ? ownField(value, inner) : undefined
    const tokens = asCount(found)
    if (tokens === undefined) continue
    used.add(inner === undefined ? name : `${name}.${inner}`)
    return tokens
  }
  return undefined
}

function addExtra(
  given: Fields,
  usage: Usage,
  field: "input_tokens" | "output_tokens",
  names: readonly string[],
  used: Set<string>,
): void {
  for (const name of names) {
    const tokens = asCount(ownField(given, name))
    if (tokens === undefined) continue
    usage[field] = (usage[field] ?? 0) + tokens
    used.add(name)
  }
}

function includeCached(given: Fields, usage: Usage): void {
  const cached = cachedOf(usage)
  if (cached === 0) return
  const isExclusive = EXCLUSIVE.some((name) => asCount(ownField(given, name)) !== undefined)
  if (isExclusive || !includesCached(usage)) usage.input_tokens = (usage.input_tokens ?? 0) + cached
}

function cachedOf({ cached_input_tokens = 0, cache_creation_input_tokens = 0 }: Usage): number {
  return cached_input_tokens + cache_creation_input_tokens
}

/** Returns the fields that weren't read. Null counts as absent. */
function without(given: Fields, used: ReadonlySet<string>): Fields {
  const rest: [string, unknown][] = []
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || used.has(name)) continue
    if (!isFields(value)) rest.push([name, value])
    else {
      const inner = Object.entries(value).filter(
        ([key, item]) => item !== null && !used.has(`${name}.${key}`),
      )
      if (inner.length > 0) rest.push([name, Object.fromEntries(inner)])
    }
  }
  return Object.fromEntries(rest)
}
