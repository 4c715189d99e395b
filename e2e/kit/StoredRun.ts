import type { RunStatus } from "@/lib/protocol/words"
import { messageHolds, readMark, type TurnMark, turnDigest } from "./modelTurn"

/** A run as read back from the store, over the wire or directly. */
export type StoredRun = {
  run_id: string
  status: RunStatus
  outcome?: string
  turns: StoredTurn[]
}

export type StoredTurn = {
  index: number
  /** Digest of the turn as the wire shows it; absent if read directly. */
  digest?: string
  mark?: TurnMark
  /** Whether the message is what the sender wrote. */
  holds: boolean
}

/** The fields of a turn that the checker needs, small enough that a whole store fits into memory. */
export function asStoredTurn(turn: unknown, index: number, wire: boolean): StoredTurn {
  const mark = readMark(turn)
  return {
    index,
    ...(wire && { digest: turnDigest(turn) }),
    ...(mark && { mark }),
    holds: messageHolds(turn),
  }
}
