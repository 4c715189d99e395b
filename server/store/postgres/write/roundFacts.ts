import type { ResponseUsage } from "@/lib/trace/responseUsage"
import type { AppendBatch, RunRow } from "@/server/store/RunStore"

/** A run whose row this round has locked or will insert (`runNo` 0). */
export type HeldRun = {
  readonly runNo: number
  readonly day: number
  row: RunRow
  ownerNode: string | null
  ownerEpoch: number
  textsVersion: number
  /** True if the grace period has expired by the database's clock. */
  readonly isGraceOver: boolean
  /** The database's time when the row was locked. */
  readonly now: string
  changed: boolean
  textsChanged: boolean
  labelsChanged: boolean
  /** The new grace period in milliseconds. Negative clears the deadline; undefined doesn't change it. */
  graceMs?: number
}

export type StoredBatch = { base_index: number; count: number; recorded_at: string }
export type NewBatch = StoredBatch & { run: HeldRun; key: string | undefined; turns: AppendBatch["turns"] }
export type NewRunRow = { held: HeldRun; startKey: string | undefined }

/** The stored runs, keys, responses and children that a round's operations refer to. */
export type RoundFacts = {
  runs: readonly HeldRun[]
  /** The ids of runs, by `keyOf(agent_id, start key)`. */
  startedBy: ReadonlyMap<string, string>
  /** The stored batches, by `keyOf(run_id, batch key)`. */
  batches: ReadonlyMap<string, StoredBatch>
  /** The usage of responses in the round's batches, by `keyOf(run_id, response_id)`. */
  responses: ReadonlyMap<string, ResponseUsage>
  /** The number of existing children, by the `exactText` of a new run's id. */
  children: ReadonlyMap<string, number>
  /** The stored runs that continue an imported run, newest first, by the `exactText` of the imported run's id. */
  continuations: ReadonlyMap<string, Continuation[]>
}

export type Continuation = Pick<RunRow, "run_id" | "agent_id">

/** Combines two strings into a map key. */
export function keyOf(first: string, second: string): string {
  return JSON.stringify([first, second])
}
