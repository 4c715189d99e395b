import type { LoggedException, ModelCall, Sender, Step, StepError, ToolCall } from "./Step"

/** A step, and who sent it. */
export type SentStep = { step: Step; sender: Sender }

/** Part of a step, sent in a separate record: the messages of a call in log records, a call's cost. */
export type SentPart = {
  sender: Sender
  trace: string
  /** One of the `completedBy` keys of the step that the part completes. */
  key: string
  at: bigint
  model?: ModelCall
  tool?: ToolCall
  error?: StepError
  /** True if several records together complete the step and none of them is marked as the last. */
  isPiece?: boolean
  /** The step to create if no other step claims the part. */
  fallback?: Step
  /** True if the fallback is used as soon as the hold has expired, rather than at the end of the run. */
  isComplete?: boolean
  session?: string
}

/** A user's prompt, sent in a separate record. */
export type SentPrompt = {
  sender: Sender
  trace: string
  text: string | undefined
  at: bigint
  session?: string
}

/** The content of one request, in the order received. */
export type TraceBatch = {
  steps: SentStep[]
  parts?: SentPart[]
  prompts?: SentPrompt[]
  exceptions?: LoggedException[]
  /** Approximate size of the batch's text. */
  bytes?: number
}
