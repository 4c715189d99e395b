const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const integer = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 })
const cents = usDollars(2)
const smallAmount = usDollars(4)
const largeAmount = usDollars(0)
const kibibytes = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 })

function usDollars(digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/**
 * Formats a turn's duration: `42ms`, `0.1s`, `6.2s`, `41s`, `1m 38s`, `2h 05m`, `3d 4h`. Negative or non-finite: `0s`.
 */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms) || ms <= 0) return "0s"
  if (ms < 99.5) return `${Math.max(1, Math.round(ms))}ms`
  if (ms < 9_950) return `${(Math.round(ms / 100) / 10).toFixed(1).replace(/\.0$/, "")}s`
  return elapsedText(Math.round(ms / SECOND) * SECOND)
}

/** Formats a running time in whole seconds, rounded down: `0s`, `41s`, `1m 38s`, `2h 05m`, `3d 4h`. */
export function elapsedText(ms: number): string {
  if (!Number.isFinite(ms) || ms < SECOND) return "0s"
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ${twoDigits(Math.floor((ms % MINUTE) / SECOND))}s`
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h ${twoDigits(Math.floor((ms % HOUR) / MINUTE))}m`
  return `${Math.floor(ms / DAY)}d ${Math.floor((ms % DAY) / HOUR)}h`
}

/** Formats a duration without unnecessary seconds: `45s`, `12m`, `3h 5m`. */
export function spanText(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))}s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`
  const minutes = Math.floor((ms % HOUR) / MINUTE)
  return `${Math.floor(ms / HOUR)}h${minutes === 0 ? "" : ` ${minutes}m`}`
}

/** Formats a count for a cell: `0`, `987`, `1,204`, `12.4k`, `182k`, `3.1M`, `2B`. */
export function countText(count: number): string {
  if (!Number.isFinite(count)) return "0"
  return Math.abs(count) < 10_000 ? integer.format(count) : compact.format(count).replace("K", "k")
}

/** Formats an integer with thousands separators: `1,204`. */
export function grouped(count: number): string {
  return integer.format(Number.isFinite(count) ? count : 0)
}

/** Formats a cost in US dollars: `$0`, `<$0.0001`, `$0.0042`, `$0.31`, `$1.24`, `$1,204`. */
export function costText(usd: number): string {
  if (!Number.isFinite(usd) || usd <= 0) return "$0"
  if (usd < 0.0001) return "<$0.0001"
  if (usd < 0.1) return smallAmount.format(usd)
  return usd < 999.995 ? cents.format(usd) : largeAmount.format(usd)
}

/** Formats how long ago something was: `now`, `41s ago`, `5m ago`, `3h ago`, `2d ago`. The future is `now`. */
export function agoText(ms: number): string {
  if (!Number.isFinite(ms) || ms < 5 * SECOND) return "just now"
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s ago`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ago`
  return ms < DAY ? `${Math.floor(ms / HOUR)}h ago` : `${Math.floor(ms / DAY)}d ago`
}

/** Formats a size in bytes: `812 B`, `16.0 KiB`, `3.2 MiB`. */
export function sizeText(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes <= 0) return "0 B"
  if (bytes < 1_024) return `${Math.round(bytes)} B`
  if (bytes < 1_048_576) return `${kibibytes.format(bytes / 1_024)} KiB`
  return `${kibibytes.format(bytes / 1_048_576)} MiB`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0")
}
