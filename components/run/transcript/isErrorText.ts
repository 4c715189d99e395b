import type { RunTurn } from "@/lib/protocol/turn"

/** Returns true if a field only repeats the error's message, which is shown separately. */
export function isErrorText(turn: RunTurn, field: keyof RunTurn): boolean {
  const { error, truncated, [field]: value } = turn
  if (error === undefined || typeof value !== "string" || value.trim() !== error.message.trim()) return false
  return truncated?.[`/${field}`] === truncated?.["/error/message"]
}
