/** Adds a turn's index and time at the start of its stored JSON, so that every reader gets the same bytes. */
export function placeTurn(index: number, recordedAt: string, body: string): string {
  const head = `{"index":${index},"recorded_at":"${recordedAt}"`
  return body === "{}" ? `${head}}` : `${head},${body.slice(1)}`
}
