import { activityOperations, NEXT_PROMPT } from "@/lib/dialects/activityOperations"
import { asArray, asObject, asText, defined } from "@/lib/dialects/json"
import type { DialectProgress, Operation, RunKey, WaitOperation } from "@/lib/dialects/operations"
import { activeCalls, type ClaudeCodeState, type OpenCall } from "./state"

/** Claude Code's names for what a process waits for: the user's approval or answer. */
const APPROVALS = new Set(["permission prompt", "dialog open"])
const ANSWERS = new Set(["input needed"])

/** Returns the operations for changed progress and waiting. */
export function progressOperations(state: ClaudeCodeState, key: RunKey): Operation[] {
  if (!state.started) return []
  return activityOperations(state, key, progressOf(state), waitingOf(state))
}

function progressOf(state: ClaudeCodeState): DialectProgress | null {
  if (state.process?.status === "idle" || state.process?.status === "exiting") return null
  const call = activeCalls(state).at(0)
  if (call !== undefined)
    return defined<DialectProgress>({
      kind: "tool",
      tool: call.name,
      parameters: call.input,
      started_at: call.at,
    })
  if (!state.promptOpen && state.process?.status !== "busy") return null
  if (state.interrupted) return null
  const texts = state.message?.texts ?? []
  return defined<DialectProgress>({
    kind: "model",
    model: state.message?.model ?? state.model,
    text: texts.length === 0 ? undefined : texts.join("\n\n"),
    started_at: state.message?.startedAt ?? state.lastAt,
  })
}

function waitingOf(state: ClaudeCodeState): WaitOperation["waiting"] {
  const { process } = state
  if (process?.status === "idle") return NEXT_PROMPT
  if (process?.status !== "waiting") return null
  const call = activeCalls(state).at(-1)
  const reason = process.waitingFor ?? ""
  if (ANSWERS.has(reason)) return { for: `answer to: ${questionOf(call) ?? "a question"}`, kind: "answer" }
  if (APPROVALS.has(reason) || reason === "")
    return { for: `approval of: ${callText(call) ?? "a request"}`, kind: "approval" }
  return { for: reason, kind: "other" }
}

function questionOf(call: OpenCall | undefined): string | undefined {
  const [first] = asArray(asObject(call?.input)?.questions)
  return asText(asObject(first)?.question) ?? asText(asObject(call?.input)?.question) ?? callText(call)
}

/** Describes a call in one line: the tool and its first text argument. */
function callText(call: OpenCall | undefined): string | undefined {
  if (call === undefined) return undefined
  const argument = Object.values(asObject(call.input) ?? {}).find((value) => asText(value) !== undefined)
  const line = asText(argument)?.split("\n")[0]?.slice(0, 300)
  return [call.name, line].filter(Boolean).join(" ")
}
