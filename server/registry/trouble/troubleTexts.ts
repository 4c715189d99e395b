import { spanText } from "@/lib/trace/formatNumber"

/** Formats an amount of US dollars: `$291`, `$2.91`, `$0.0029`. */
export function dollarText(usd: number): string {
  if (usd >= 100) return `$${Math.round(usd)}`
  if (usd >= 1) return `$${usd.toFixed(2)}`
  return `$${Number(usd.toPrecision(2))}`
}

/** Formats a factor: `60×`, `5.4×`. */
export function factorText(factor: number): string {
  return `${factor >= 10 ? Math.round(factor) : Number(factor.toFixed(1))}×`
}

/** Parses an amount in a label: `20`, `$20`, `20.50`. Undefined for anything else. */
export function readDollars(text: string | undefined): number | undefined {
  const [, amount] = /^\s*\$?\s*(\d{1,12}(?:\.\d{1,12})?)\s*$/.exec(text ?? "") ?? []
  return amount === undefined ? undefined : Number(amount)
}

// Pages replace the duration at the end of the following texts with the current one, see `troubleText`.

export function hangingText(tool: string | undefined, forMs: number): string {
  return `${tool ?? "tool"} for ${spanText(forMs)}`
}

export function silentText(forMs: number): string {
  return `silent for ${spanText(forMs)}`
}

export function disconnectedText(forMs: number): string {
  return `disconnected for ${spanText(forMs)}`
}
