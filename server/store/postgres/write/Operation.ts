import type { WriteRound } from "./WriteRound"

/** A write: what it refers to, and what it does to the rows once they are locked. */
export type Operation<T> = {
  readonly runIds: readonly string[]
  /** The key under which this agent may already have started a run. */
  readonly startKey?: readonly [agentId: string, key: string]
  readonly batchKey?: readonly [runId: string, key: string]
  /** Model responses that its turns share. */
  readonly responses?: readonly (readonly [runId: string, responseId: string])[]
  /** The id of the run that it starts. */
  readonly starts?: string
  readonly bytes: number
  readonly beats?: boolean
  apply(round: WriteRound): T
}
