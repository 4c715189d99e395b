/** Puts a turn's place in front of a stored JSON object: the same bytes anyone who reads it, and whenever. */
export function placeTurn(index: number, recordedAt: string, body: string): string {
  const head = `{"index":${index},"recorded_at":"${recordedAt}"`
  return body === "{}" ? `${head}}` : `${head},${body.slice(1)}`
}
