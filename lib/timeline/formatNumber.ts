const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long a turn took: `42ms`, `0.1s`, `6.2s`, `41s`, `1m 38s`, `2h 05m`, `3d 4h`. Negative and not finite is `0s`. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms) || ms <= 0) return "0s"
  if (ms < 99.5) return `${Math.max(1, Math.round(ms))}ms`
  if (ms < 9_950) return `${(Math.round(ms / 100) / 10).toFixed(1).replace(/\.0$/, "")}s`
  return elapsedText(Math.round(ms / SECOND) * SECOND)
}

/** A ticking time in whole seconds, rounded down so that it never runs ahead: `0s`, `41s`, `1m 38s`, `2h 05m`, `3d 4h`. */
export function elapsedText(ms: number): string {
  if (!Number.isFinite(ms) || ms < SECOND) return "0s"
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ${two(Math.floor((ms % MINUTE) / SECOND))}s`
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h ${two(Math.floor((ms % HOUR) / MINUTE))}m`
  return `${Math.floor(ms / DAY)}d ${Math.floor((ms % DAY) / HOUR)}h`
}

/** A count that fits a cell: `0`, `987`, `1,204`, `12.4k`, `182k`, `3.1M`, `2.0B`. */
export function countText(count: number): string {
  if (!Number.isFinite(count)) return "0"
  const whole = Math.round(count)
  if (Math.abs(whole) < 10_000) return grouped(whole)
  for (const [size, letter] of [
    [1e3, "k"],
    [1e6, "M"],
    [1e9, "B"],
  ] as const) {
    const part = whole / size
    if (Math.abs(part) < 99.95) return `${part.toFixed(1)}${letter}`
    if (Math.abs(part) < 999.5) return `${Math.round(part)}${letter}`
  }
  return `${(whole / 1e12).toFixed(1)}T`
}

/** A whole number with its thousands parted: `1,204`. */
export function grouped(count: number): string {
  return String(Number.isFinite(count) ? Math.round(count) : 0).replace(/\B(?=(\d{3})+$)/g, ",")
}

/** A cost in US dollars: `$0`, `<$0.0001`, `$0.0042`, `$0.31`, `$1.24`, `$1,204`. */
export function costText(usd: number): string {
  if (!Number.isFinite(usd) || usd <= 0) return "$0"
  if (usd < 0.0001) return "<$0.0001"
  if (usd < 0.1) return `$${usd.toFixed(4).replace(/0{1,2}$/, "")}`
  return usd < 999.995 ? `$${usd.toFixed(2)}` : `$${grouped(usd)}`
}

/** How long ago something was, coarse: `now`, `41s ago`, `5m ago`, `3h ago`, `2d ago`; the future is `now`. */
export function agoText(ms: number): string {
  if (!Number.isFinite(ms) || ms < 5 * SECOND) return "now"
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s ago`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ago`
  return ms < DAY ? `${Math.floor(ms / HOUR)}h ago` : `${Math.floor(ms / DAY)}d ago`
}

/** A size in bytes: `812 B`, `16.0 KiB`, `3.2 MiB`. */
export function sizeText(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes <= 0) return "0 B"
  if (bytes < 1_024) return `${Math.round(bytes)} B`
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
}

function two(number: number): string {
  return String(number).padStart(2, "0")
}
