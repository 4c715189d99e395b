/** What the turn that a redaction hook receives stands for. */
export type RedactedPart = "turn" | "progress" | "start" | "outcome"

/** A turn, or another part in the shape of one, as a redaction hook receives and returns it. */
export type RedactableTurn = {
  prompt?: string | undefined
  message?: string | undefined
  thinking?: string | undefined
  tool?: string | undefined
  parameters?: unknown
  output?: unknown
  error?: { message: string } | undefined
  attributes?: Record<string, unknown> | undefined
  [field: string]: unknown
}

/** Returns what may leave this process. May change its argument. Called once per part, before it is queued or sent. */
export type RedactHook = (turn: RedactableTurn, part: RedactedPart) => RedactableTurn
