import type { WriteRound } from "./WriteRound"

/** A write: the runs and keys that it needs, and the function `apply`, which is called once the runs are locked. */
export type Operation<T> = {
  readonly runIds: readonly string[]
  /** The idempotency key with which this agent may already have started a run. */
  readonly startKey?: readonly [agentId: string, key: string]
  readonly batchKey?: readonly [runId: string, key: string]
  /** The model responses to which the operation's turns belong. */
  readonly responses?: readonly (readonly [runId: string, responseId: string])[]
  /** The id of the run that the operation starts. */
  readonly starts?: string
  /** The id of the run that the operation imports. */
  readonly imports?: string
  readonly bytes: number
  readonly beats?: boolean
  apply(round: WriteRound): T
}
