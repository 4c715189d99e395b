import { calcPrice, type PriceCalculation } from "@pydantic/genai-prices"
import { LRUCache } from "lru-cache"
import type { TurnBody } from "@/lib/protocol/turn"
import type { CustomPrices, Rates } from "./readCustomPrices"

/** A turn's usage with the price list's field names. */
type Tokens = {
  input_tokens: number
  output_tokens: number
  cache_read_tokens: number
  cache_write_tokens: number
}
/** Computes the cost of tokens in US dollars; undefined if the model's price isn't known. */
type Price = ((tokens: Tokens, at: Date) => number | undefined) | undefined

const MILLION = 1_000_000
const MAX_MODELS = 500
/** Costs are rounded to this many digits, because further digits are rounding errors of floating-point additions. */
const DIGITS = 12

type PricedTurn = Pick<TurnBody, "kind" | "model" | "usage" | "cost_usd" | "started_at">

/**
 * Estimates the cost of model turns that don't report one. Uses the prices in the installed package
 * `@pydantic/genai-prices` and makes no requests. Custom prices take precedence.
 */
export class PriceList {
  readonly #custom: CustomPrices
  readonly #prices = new LRUCache<string, { price: Price }>({ max: MAX_MODELS })

  constructor(custom: CustomPrices = []) {
    this.#custom = custom
  }

  /**
   * Estimates the cost of a turn in US dollars. Returns undefined unless the turn is a model turn that reports usage
   * and no cost.
   */
  estimate({ kind, model, usage, cost_usd, started_at }: PricedTurn, nowMs: number): number | undefined {
    if (kind !== "model" || model === undefined || usage === undefined || cost_usd !== undefined)
      return undefined
    const tokens: Tokens = {
      input_tokens: usage.input_tokens ?? 0,
      output_tokens: usage.output_tokens ?? 0,
      cache_read_tokens: usage.cached_input_tokens ?? 0,
      cache_write_tokens: usage.cache_creation_input_tokens ?? 0,
    }
    const at = new Date(started_at ?? nowMs)
    const cost = this.#priceOf(model)?.(tokens, at)
    return cost === undefined || !Number.isFinite(cost) || cost < 0
      ? undefined
      : Number(cost.toPrecision(DIGITS))
  }

  #priceOf(model: string): Price {
    const known = this.#prices.get(model)
    if (known !== undefined) return known.price
    const custom = this.#custom.find(({ matches }) => matches(model))
    const price = custom === undefined ? listedPrice(model) : linearPrice(custom.rates)
    this.#prices.set(model, { price })
    return price
  }
}

/** Returns a price that is proportional to the number of tokens of each kind. */
function linearPrice({ input, output, cached_input, cache_creation_input }: Rates): Price {
  return ({ input_tokens, output_tokens, cache_read_tokens, cache_write_tokens }) => {
    const plain = Math.max(0, input_tokens - cache_read_tokens - cache_write_tokens)
    const cached = cache_read_tokens * cached_input + cache_write_tokens * cache_creation_input
    return (plain * input + cached + output_tokens * output) / MILLION
  }
}

/** Looks up a model's price in the list. The caller caches it, because the look-up takes most of the time. */
function listedPrice(name: string): Price {
  for (const [model, providerId] of candidates(name)) {
    const options = providerId === undefined ? {} : { providerId }
    const found = safePrice({ input_tokens: MILLION, output_tokens: MILLION }, model, options)
    if (found === undefined) continue
    const listed = (tokens: Tokens, at?: Date) => priceAt(found, model, tokens, at)
    return isLinear(found) ? linearPrice(ratesOf(listed)) : listed
  }
  return undefined
}

/**
 * Yields the names to look up for a model, with the provider if the name is specific to one: the full name, the name
 * without a provider prefix, and the full name at OpenRouter, AWS and other providers.
 */
function* candidates(name: string): Generator<[model: string, providerId?: string]> {
  yield [name]
  const parts = /^([\w-]+)[:/](.+)$/.exec(name)
  if (parts !== null) {
    const [, provider = "", rest = ""] = parts
    yield [rest, provider]
    yield* candidates(rest)
    yield [name, "openrouter"]
  }
  if (/^(?:\w{2,6}\.)?(?:anthropic|meta|amazon|mistral|cohere|deepseek|ai21)\./.test(name))
    yield [name, "aws"]
  for (const provider of ["openai", "anthropic", "google", "mistral", "groq"]) yield [name, provider]
}

/** Returns true if a price is proportional to the tokens and depends on nothing else. */
function isLinear({ model, model_price }: PriceCalculation): boolean {
  return !Array.isArray(model.prices) && Object.values(model_price).every((rate) => typeof rate === "number")
}

function ratesOf(listed: (tokens: Tokens) => number | undefined): Rates {
  const rate = (tokens: Partial<Tokens>) => listed({ ...NO_TOKENS, ...tokens }) ?? 0
  return {
    input: rate({ input_tokens: MILLION }),
    output: rate({ output_tokens: MILLION }),
    cached_input: rate({ input_tokens: MILLION, cache_read_tokens: MILLION }),
    cache_creation_input: rate({ input_tokens: MILLION, cache_write_tokens: MILLION }),
  }
}

const NO_TOKENS: Tokens = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 }

/** Computes a cost with the price list's own calculation, for a model that is known to be in the list. */
function priceAt(
  { provider, model }: PriceCalculation,
  name: string,
  tokens: Tokens,
  at: Date | undefined,
): number | undefined {
  const only = { ...provider, models: [model] }
  return safePrice(tokens, name, { provider: only, ...(at !== undefined && { timestamp: at }) })?.total_price
}

/**
 * Looks up the price without throwing. Returns undefined if the model is unknown or the price library rejects the
 * usage.
 */
function safePrice(
  tokens: Partial<Tokens>,
  model: string,
  options: Parameters<typeof calcPrice>[2],
): PriceCalculation | undefined {
  try {
    return calcPrice(tokens, model, options) ?? undefined
  } catch {
    return undefined
  }
}
