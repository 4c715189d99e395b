import { Agent, type AgentOptions } from "./Agent"

export { Agent, type AgentOptions } from "./Agent"
export { AgentError, type AgentErrorCode } from "./AgentError"
export { AgentRun as Run } from "./AgentRun"
export type {
  AgentOutcome,
  AgentProgress,
  AgentTurn,
  CancelHandler,
  CancelRequest,
  ChildLink,
  RunOptions,
  RunStart,
  TurnKind,
  TurnUsage,
} from "./AgentTurn"
export type { RedactableTurn, RedactedPart, RedactHook } from "./turn/RedactHook"

/**
 * Connects an agent to Turnline. Returns immediately. Unless `throwErrors` is set, neither this function nor any call
 * on a run throws: while the server is unreachable, turns are queued, and errors go to `onError`.
 *
 * The connection doesn't keep a Node process alive. When the process has nothing else to do, it still delivers queued
 * turns, for at most 10 s.
 *
 * @throws {AgentError} from calls on a run, if `throwErrors` is set.
 * @example
 * const agent = connectAgent({ url: "http://localhost:3000", token: process.env.TURNLINE_TOKEN })
 * const run = agent.startRun({ agentId: "ci/reviewer", intent: "Review pull request 118" })
 * run.turn({ kind: "tool", tool: "bash", parameters: { command: "npm test" }, output: "42 passed", exit_code: 0 })
 * await run.complete({ status: "success", summary: "All tests pass." })
 * await agent.close()
 */
export function connectAgent(options: AgentOptions): Agent {
  return new Agent(options)
}
