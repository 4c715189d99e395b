import { readFileSync } from "node:fs"
import { z } from "zod"
/** Rates in US dollars per million tokens. */
export type Rates = { input: number; output: number; cached_input: number; cache_creation_input: number }

/** Custom prices, in the order in which they are tried. */
export type CustomPrices = readonly { matches: (model: string) => boolean; rates: Rates }[]

/** Thrown when the file with custom prices can't be used. The message says why. */
export class PriceFileError extends Error {
  override readonly name = "PriceFileError"
}

const rate = z.number().min(0)
const file = z.record(
  z.string().min(1),
  z.strictObject({
    input: rate,
    output: rate,
    cached_input: rate.optional(),
    cache_creation_input: rate.optional(),
  }),
)

/**
 * Reads a file of prices: a JSON object whose keys are model names or prefixes followed by `*`, and whose values are
 * `{ input, output, cached_input?, cache_creation_input? }` in US dollars per million tokens.
 *
 * @throws {PriceFileError} with a message about the problem with the file
 */
export function readCustomPrices(path: string): CustomPrices {
  const parsed = file.safeParse(readJson(path))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new PriceFileError(
      `TURNLINE_PRICES: ${path} is invalid at ${issue?.path.join(".") || "its top level"}: ${issue?.message}.`,
    )
  }
  return Object.entries(parsed.data).map(([model, rates]) => ({
    matches: model.endsWith("*") ? (name) => name.startsWith(model.slice(0, -1)) : (name) => name === model,
    rates: {
      input: rates.input,
      output: rates.output,
      cached_input: rates.cached_input ?? rates.input,
      cache_creation_input: rates.cache_creation_input ?? rates.input,
    },
  }))
}

function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    throw new PriceFileError(
      `TURNLINE_PRICES: ${path} can't be read (${(error as NodeJS.ErrnoException).code}).`,
    )
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new PriceFileError(`TURNLINE_PRICES: ${path} isn't valid JSON.`)
  }
}
