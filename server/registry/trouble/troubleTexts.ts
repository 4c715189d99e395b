const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Formats a duration for people: `45s`, `12m`, `3h 5m`. */
export function spanText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1_000))}s`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS)
  return `${Math.floor(ms / HOUR_MS)}h${minutes === 0 ? "" : ` ${minutes}m`}`
}

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

export function hangingText(tool: string | undefined, forMs: number): string {
  return `${tool ?? "tool"} for ${spanText(forMs)}`
}

export function silentText(forMs: number): string {
  return `silent for ${spanText(forMs)}`
}

export function disconnectedText(forMs: number): string {
  return `disconnected for ${spanText(forMs)}`
}
