import { countSkipped } from "@/lib/dialects/emitTurns"
import { asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, Operation } from "@/lib/dialects/operations"
import { usageOfTokenCount } from "./answers"
import { takePrompt } from "./items"
import type { CodexState } from "./state"
import { isContext } from "./texts"
import { abandonCalls, systemTurn, type Thread, TOOL } from "./thread"
import { itemTurn } from "./toolTurns"

/** Items that repeat other records. */
const REPEATED_ITEMS = new Set([
  "UserMessage",
  "AgentMessage",
  "Reasoning",
  "CollabAgentToolCall",
  "ContextCompaction",
])

type Take = (
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
) => Operation[]

const EVENTS: { readonly [type: string]: Take } = {
  task_started: takeTaskStart,
  turn_started: takeTaskStart,
  task_complete: takeTaskEnd,
  turn_complete: takeTaskEnd,
  turn_aborted: takeAbort,
  error: takeError,
  token_count: (thread, state, payload) => {
    const usage = usageOfTokenCount(state, payload)
    return usage === undefined ? [] : thread.complete(state, usage)
  },
  user_message: (thread, state, payload, at) => {
    const text = asText(payload.message)
    return text === undefined || isContext(text) ? [] : takePrompt(thread, state, text, at, "event")
  },
  item_completed: (thread, state, payload) =>
    takeCompleted(thread, state, asObject(payload.item) ?? {}, payload),
  exec_command_end: (thread, state, payload) => takeCompleted(thread, state, legacyItem(payload), payload),
  patch_apply_end: (thread, state, payload) => takeCompleted(thread, state, legacyItem(payload), payload),
  mcp_tool_call_end: (_thread, state, payload) => noteMcpResult(state, asText(payload.call_id), payload),
  thread_name_updated: (thread, state, payload) => thread.retitle(state, payload.thread_name),
}

/** Processes one event of the conversation. */
export function takeEvent(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const type = asText(payload.type) ?? ""
  const take = Object.hasOwn(EVENTS, type) ? EVENTS[type] : undefined
  return take === undefined ? takeSpawn(state, payload) : take(thread, state, payload, at)
}

function takeTaskStart(
  thread: Thread,
  state: CodexState,
  _payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const operations = thread.flush(state)
  state.taskOpen = true
  state.interrupted = false
  state.lastAt = at ?? state.lastAt
  return operations
}

function takeTaskEnd(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const operations = thread.flush(state)
  state.taskOpen = state.promptOpen = false
  state.lastAnswer = asText(payload.last_agent_message) ?? state.lastAnswer
  const error = asObject(payload.error) ?? (asText(payload.error) && { message: payload.error })
  if (!error || state.modelError !== undefined) return operations
  return [...operations, ...takeError(thread, state, error, at)]
}

function takeAbort(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const operations = thread.flush(state)
  state.taskOpen = false
  state.interrupted = state.promptOpen = true
  abandonCalls(state)
  const reason = asText(payload.reason) ?? "interrupted"
  const message = reason === "interrupted" ? "Interrupted by the user" : `The turn was aborted: ${reason}`
  return [...operations, ...thread.emit(state, [systemTurn("interrupted", at, { message })])]
}

function takeError(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const operations = thread.flush(state)
  const message = asText(payload.message) ?? "The turn failed"
  state.modelError = message
  const info = payload.codex_error_info
  const type = asText(info) ?? Object.keys(asObject(info) ?? {})[0]
  const error = defined<NonNullable<DialectTurn["error"]>>({ message, type })
  return [...operations, ...thread.emit(state, [systemTurn("api_error", at, { error })])]
}

/** Processes a finished command, file change or sub-agent, as shown in Codex's user interface. */
function takeCompleted(
  thread: Thread,
  state: CodexState,
  item: JsonObject,
  payload: JsonObject,
): Operation[] {
  const id = asText(item.id) ?? ""
  const type = asText(item.type) ?? ""
  if (type === "SubAgentActivity") return takeActivity(state, id, item)
  if (type === "McpToolCall") return noteMcpResult(state, id, item)
  if (REPEATED_ITEMS.has(type)) return []
  if (type !== "CommandExecution" && type !== "FileChange") {
    countSkipped(state.skipped, `item ${type}`)
    return []
  }
  const call = state.calls.get(id)
  if (call !== undefined) {
    call.item = item
    return []
  }
  // The command outlived the call that started it, and that call already has a turn.
  if (id.startsWith("call_")) return []
  return thread.emitResult(state, itemTurn(item, payload))
}

function takeActivity(state: CodexState, id: string, item: JsonObject): Operation[] {
  const child = asText(item.agent_thread_id)
  if (child === undefined) return []
  const key = `${TOOL}:${child}`
  if (item.kind === "completed") return [{ op: "end", key, status: "done" }]
  return item.kind === "started" ? linkChild(state, id, key) : []
}

/** Processes an older version's event that names the thread started by a call. */
function takeSpawn(state: CodexState, payload: JsonObject): Operation[] {
  const id = asText(payload.call_id)
  const child = asText(payload.new_thread_id) ?? asText(payload.agent_thread_id)
  return id === undefined || child === undefined ? [] : linkChild(state, id, `${TOOL}:${child}`)
}

function linkChild(state: CodexState, id: string, key: string): Operation[] {
  const call = state.calls.get(id)
  if (call === undefined) return []
  call.child = key
  const parameters = asObject(call.parameters)
  const intent = asText(parameters?.message) ?? asText(parameters?.prompt)
  return intent === undefined ? [] : [{ op: "update", key, intent }]
}

/** Records whether a tool of an MCP server has failed, because the call's output doesn't say so. */
function noteMcpResult(state: CodexState, id: string | undefined, payload: JsonObject): Operation[] {
  const call = state.calls.get(id ?? "")
  if (call === undefined) return []
  const result = asObject(payload.result)
  const given = asObject(result?.Ok) ?? result
  const failed =
    payload.status === "failed" ||
    asObject(payload.error) !== undefined ||
    result?.Err !== undefined ||
    given?.is_error === true ||
    given?.isError === true
  if (failed) call.item = { ...payload, status: "failed" }
  return []
}

/** Converts an older version's event to the shape of a newer version's item. */
function legacyItem(payload: JsonObject): JsonObject {
  const type = payload.type === "patch_apply_end" ? "FileChange" : "CommandExecution"
  const status = payload.success === false ? "failed" : payload.status
  return { ...payload, type, id: payload.call_id, status }
}
