import { asText, compact, type JsonObject } from "@/lib/dialects/json"
import type { ForeignTime, StartOperation } from "@/lib/dialects/operations"
import { agentIdOf, homePath, labelText, type SessionOptions } from "@/lib/dialects/session"
import type { HookRun, HooksState } from "./HookRun"

const TOOL = "claude-code"
const WORKTREE = /[\\/]\.claude[\\/]worktrees[\\/][^\\/]+.*$/

/** An event's run, session and time. */
export type HookContext = {
  run: HookRun
  state: HooksState
  session: string
  at: ForeignTime
  options: SessionOptions
}

/** Starts the run that an event is about, preceded by its parent, unless they have already started. */
export function startHookRun(event: JsonObject, context: HookContext): StartOperation[] {
  const { run, state, session, at, options } = context
  if (run.started || event.hook_event_name === "SessionEnd") return []
  run.started = true
  run.lastAt = at
  const { cwd: path, transcript_path } = event
  const parent =
    run === state.root ? [] : startHookRun({ cwd: path, transcript_path }, { ...context, run: state.root })
  const cwd = projectOf(event)
  const project = labelText(homePath(cwd, { ...options, home: homeOf(event) }))
  const operation: StartOperation = {
    op: "start",
    key: run.key,
    agent_id: agentIdOf(TOOL, cwd, options),
    intent: intentOf(event, run),
    started_at: at,
    source: { name: TOOL, session },
    labels: compact({ session, project }),
    ...(run === state.root ? {} : { parent: { key: state.root.key } }),
  }
  return [...parent, operation]
}

/** Returns the working directory, or the project's if the agent works in a worktree that Claude Code created. */
export function projectOf(event: JsonObject): string | undefined {
  return asText(event.cwd)?.replace(WORKTREE, "")
}

/** Returns true for a prompt that isn't the user's, but Claude Code's report that a background task has ended. */
export function isTaskNotification(prompt: string): boolean {
  return prompt.trimStart().startsWith("<task-notification>")
}

/** Returns the event's title or prompt. Without either, returns a generic intent, which a later prompt replaces. */
function intentOf(event: JsonObject, run: HookRun): string {
  run.title = asText(event.session_title)
  const given = run.title ?? asText(event.prompt)
  if (given === undefined || isTaskNotification(given))
    return asText(event.agent_type) ?? "Claude Code session"
  run.named = true
  return given
}

/** Returns the home directory on the sender's machine. */
function homeOf(event: JsonObject): string | undefined {
  return /^(.+)[\\/]\.claude[\\/]/.exec(asText(event.transcript_path) ?? "")?.[1]
}
