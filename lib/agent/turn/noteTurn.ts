import { utf8Bytes } from "@/lib/protocol/bytes"
import type { Json } from "@/lib/protocol/fields"
import type { TurnInput } from "@/lib/protocol/turn"
import type { PreparedTurn } from "./prepareTurn"

/** Creates a system turn that records what is missing from the trace. */
export function noteTurn(event: string, message: string, attributes: { [key: string]: Json }): PreparedTurn {
  const turn: TurnInput = { kind: "system", event, message, started_at: new Date().toISOString(), attributes }
  return { turn, bytes: utf8Bytes(JSON.stringify(turn)) }
}
