import { compact, defined } from "@/lib/dialects/json"
import type { StartOperation } from "@/lib/dialects/operations"
import {
  agentIdOf,
  homePath,
  labelText,
  type SessionIdentity,
  type SessionOptions,
} from "@/lib/dialects/session"
import type { ClaudeCodeState } from "./state"

const TOOL = "claude-code"

/** Builds the start of a session's run from what is known at its first prompt, answer or result. */
export function startOperation(
  state: ClaudeCodeState,
  identity: SessionIdentity,
  options: SessionOptions,
  prompt: string | undefined,
): StartOperation {
  const project = state.worktreeOf ?? state.cwd
  const title = identity.agent === undefined ? state.title?.text : undefined
  return defined<StartOperation>({
    op: "start",
    key: identity.key,
    agent_id: agentIdOf(TOOL, project, options),
    intent: title ?? prompt ?? "Claude Code session",
    started_at: state.lastAt,
    source: defined<StartOperation["source"]>({
      name: TOOL,
      version: state.version,
      session: identity.session,
    }),
    labels: compact({
      session: identity.session,
      project: labelText(homePath(project, options)),
      branch: labelText(state.branch),
      version: labelText(state.version),
    }),
    parent: identity.parent === undefined ? undefined : { key: identity.parent },
    continues: state.origin === undefined ? undefined : `${TOOL}:${state.origin}`,
  })
}
