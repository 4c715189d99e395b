import { calcPrice, type PriceCalculation } from "@pydantic/genai-prices"
import { LRUCache } from "lru-cache"
import type { TurnBody } from "@/lib/protocol/turn"
import type { OwnPrices, Rates } from "./readOwnPrices"

/** What a turn used, in the names of the price list. */
type Tokens = {
  input_tokens: number
  output_tokens: number
  cache_read_tokens: number
  cache_write_tokens: number
}
/** The cost of tokens in US dollars; undefined if the model's price isn't known. */
type Price = ((tokens: Tokens, at: Date) => number | undefined) | undefined

const MILLION = 1_000_000
const MAX_MODELS = 500
/** A sum of money is rounded to 12 digits: what is beyond comes from adding floats. */
const DIGITS = 12

type PricedTurn = Pick<TurnBody, "kind" | "model" | "usage" | "cost_usd" | "started_at">

/**
 * Estimates the cost of model turns that don't report one. The prices are those of `@pydantic/genai-prices` as installed:
 * nothing is fetched. An operator's own prices take precedence.
 */
export class PriceList {
  readonly #own: OwnPrices
  readonly #prices = new LRUCache<string, { price: Price }>({ max: MAX_MODELS })

  constructor(own: OwnPrices = []) {
    this.#own = own
  }

  /** The estimated cost of a model turn with usage and without a cost, in US dollars; undefined if it isn't known. */
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
    const own = this.#own.find(({ matches }) => matches(model))
    const price = own === undefined ? listedPrice(model) : linearPrice(own.rates)
    this.#prices.set(model, { price })
    return price
  }
}

/** A price that is proportional to each kind of token. */
function linearPrice({ input, output, cached_input, cache_creation_input }: Rates): Price {
  return ({ input_tokens, output_tokens, cache_read_tokens, cache_write_tokens }) => {
    const plain = Math.max(0, input_tokens - cache_read_tokens - cache_write_tokens)
    const cached = cache_read_tokens * cached_input + cache_write_tokens * cache_creation_input
    return (plain * input + cached + output_tokens * output) / MILLION
  }
}

/** The price of a model in the list. Looking it up takes most of the time, so that it is done once for each model. */
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

/** Ways to read a model's name: as it is, behind its provider's name, or as Bedrock and gateways write it. */
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

/** Whether a price depends on nothing but the tokens, and in proportion. */
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

/** The price of a model that was found under a name. */
function priceAt(
  { provider, model }: PriceCalculation,
  name: string,
  tokens: Tokens,
  at: Date | undefined,
): number | undefined {
  const only = { ...provider, models: [model] }
  return safePrice(tokens, name, { provider: only, ...(at !== undefined && { timestamp: at }) })?.total_price
}

/** The list's own calculation; undefined for an unknown model, and for usage that it takes for impossible. */
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
