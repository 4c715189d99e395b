import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { isFields } from "@/lib/protocol/tolerance/values"

/** Returns what JavaScript code passed as a turn as one: an error as its error, and anything but an object as its message. */
export function asTurn(given: unknown): AgentTurn {
  if (given === undefined || given === null) return {}
  if (given instanceof Error) return { error: given }
  return isFields(given) ? given : { message: given }
}
