/** Invented models. Prices are in USD per million tokens. */
export type Model = { name: string; inputUsd: number; cachedUsd: number; outputUsd: number }

export const MODELS = {
  large: { name: "meridian-3-large", inputUsd: 3, cachedUsd: 0.3, outputUsd: 15 },
  swift: { name: "meridian-3-swift", inputUsd: 0.8, cachedUsd: 0.08, outputUsd: 4 },
  coder: { name: "lathe-coder-2", inputUsd: 2, cachedUsd: 0.2, outputUsd: 10 },
  small: { name: "pebble-mini", inputUsd: 0.1, cachedUsd: 0.02, outputUsd: 0.4 },
} as const satisfies Record<string, Model>

/** The cost of a call in USD. */
export function costOf(
  model: Model,
  usage: { input_tokens: number; output_tokens: number; cached_input_tokens: number },
): number {
  const fresh = usage.input_tokens - usage.cached_input_tokens
  const micro =
    fresh * model.inputUsd +
    usage.cached_input_tokens * model.cachedUsd +
    usage.output_tokens * model.outputUsd
  return Math.round(micro) / 1_000_000
}
