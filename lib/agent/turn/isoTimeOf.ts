/** Returns a Date, an ISO string or epoch milliseconds as ISO 8601, or undefined if it is none of these. */
export function isoTimeOf(time: unknown): string | undefined {
  if (typeof time !== "string" && typeof time !== "number" && !(time instanceof Date)) return undefined
  const date = new Date(time)
  const year = date.getUTCFullYear()
  return Number.isNaN(year) || year < 0 || year > 9999 ? undefined : date.toISOString()
}
