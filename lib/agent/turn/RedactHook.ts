/** Which part of a run the hook receives. */
export type RedactedPart = "turn" | "progress" | "start" | "outcome"

/** A turn, or another part of a run in the form of a turn. */
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

/** Returns what may leave this process. May modify its argument. Called once before each part is queued or sent. */
export type RedactHook = (turn: RedactableTurn, part: RedactedPart) => RedactableTurn
