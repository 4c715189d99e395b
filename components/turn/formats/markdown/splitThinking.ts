const THINKING = /^\s*<(think|thinking|thought|reasoning)>([\s\S]*?)<\/\1>\s*/

/**
 * Splits a message of an open model into its thinking, which such models write between tags at the start, and the rest.
 * `from` is the rest's offset. Returns undefined for any other text.
 */
export function splitThinking(text: string): { thinking: string; from: number } | undefined {
  if (!/^\s*<[tr]/.test(text)) return undefined
  const match = THINKING.exec(text)
  return match === null ? undefined : { thinking: (match[2] ?? "").trim(), from: match[0].length }
}
