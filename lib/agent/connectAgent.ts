import { Agent, type AgentOptions } from "./Agent"

export type { Agent, AgentOptions } from "./Agent"
export type { AgentError } from "./AgentError"
export type { AgentRun as Run } from "./AgentRun"
export type { AgentTurn } from "./AgentTurn"
export type { AgentProgress } from "./turn/prepareProgress"
export type { RunOptions } from "./turn/prepareStart"
export type { RedactedPart, RedactHook } from "./turn/Redaction"

/**
 * Connects an agent to Turnline. Returns at once and never throws (unless `throwErrors`): while the server cannot be reached, what is recorded waits.
 * A Node process is not kept alive by it; when there is nothing else to do it still delivers what waits, for at most 10 s.
 */
export function connectAgent(options: AgentOptions): Agent {
  return new Agent(options)
}
