import type { RunStatus } from "@/lib/protocol/words"
import { messageHolds, readMark, type TurnMark, turnDigest } from "./modelTurn"

/** A run as it was read back from the store, by whatever way. */
export type StoredRun = {
  run_id: string
  status: RunStatus
  outcome?: string
  turns: StoredTurn[]
}

export type StoredTurn = {
  index: number
  /** Digest of the turn as the wire shows it; absent when read past the wire. */
  digest?: string
  mark?: TurnMark
  /** Whether its message is what its sender wrote. */
  holds: boolean
}

/** What the checker needs of a turn, so that a whole store fits into memory. */
export function asStoredTurn(turn: unknown, index: number, wire: boolean): StoredTurn {
  const mark = readMark(turn)
  return {
    index,
    ...(wire && { digest: turnDigest(turn) }),
    ...(mark && { mark }),
    holds: messageHolds(turn),
  }
}
