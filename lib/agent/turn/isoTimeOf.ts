/** Converts a Date, an ISO string or epoch milliseconds to ISO 8601. Returns undefined for anything else. */
export function isoTimeOf(time: unknown): string | undefined {
  if (typeof time !== "string" && typeof time !== "number" && !(time instanceof Date)) return undefined
  const date = new Date(time)
  const year = date.getUTCFullYear()
  return Number.isNaN(year) || year < 0 || year > 9999 ? undefined : date.toISOString()
}
