/** A duration before now, such as `90s`, `15m`, `1h`, `7d` or `2w`. */
export const RELATIVE_TIME = /^[1-9]\d{0,3}[smhdw]$/

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Converts a duration to milliseconds. Returns undefined for any other string. */
export function relativeTimeMs(text: string): number | undefined {
  return RELATIVE_TIME.test(text) ? Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0) : undefined
}
