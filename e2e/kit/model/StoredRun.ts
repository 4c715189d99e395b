import type { RunStatus } from "@/lib/protocol/enums"
import { messageHolds, readMark, type TurnMark, turnDigest } from "./modelTurn"

/** A run as read from the store, over the wire or directly. */
export type StoredRun = {
  run_id: string
  status: RunStatus
  outcome?: string
  turns: StoredTurn[]
}

export type StoredTurn = {
  index: number
  /** Digest of the turn as sent over the wire; absent if read directly. */
  digest?: string
  mark?: TurnMark
  /** True if the message is what the sender wrote, see `messageHolds`. */
  holds: boolean
}

/** Extracts the fields that the checker needs, small enough for a whole store to fit into memory. */
export function asStoredTurn(turn: unknown, index: number, wire: boolean): StoredTurn {
  const mark = readMark(turn)
  return {
    index,
    ...(wire && { digest: turnDigest(turn) }),
    ...(mark && { mark }),
    holds: messageHolds(turn),
  }
}
