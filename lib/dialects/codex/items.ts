import { countSkipped } from "@/lib/dialects/emitTurns"
import { asText, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, Operation } from "@/lib/dialects/operations"
import { pendingAnswer } from "./answers"
import type { CodexState, OpenCall } from "./state"
import { contentText, mailPayload, promptText, withoutImages } from "./texts"
import { abandonCalls, parentThread, type Thread } from "./thread"
import { callOf, resultTurn } from "./toolTurns"

/** Calls that the model's provider executes. They have no output record. */
const PROVIDER_CALLS = new Set(["web_search_call", "image_generation_call", "file_search_call"])

/** Processes one item of the conversation with the model. */
export function takeItem(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const type = asText(payload.type) ?? ""
  if (type === "message") return takeMessage(thread, state, payload, at)
  if (type === "agent_message") return takeMail(thread, state, payload, at)
  if (type === "reasoning") return takeReasoning(thread, state, payload, at)
  if (type.endsWith("_call")) return takeCall(thread, state, payload, at)
  if (type.endsWith("_output")) return takeOutput(thread, state, payload, at)
  countSkipped(state.skipped, type)
  return []
}

function takeReasoning(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const operations = thread.open(state)
  const thinking = contentText(payload.summary)
  const answer = pendingAnswer(state, at)
  if (thinking !== "") answer.thinking.push(thinking)
  return operations
}

function takeMessage(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  if (payload.role !== "assistant") {
    const prompt = payload.role === "user" ? promptText(payload) : undefined
    return prompt === undefined ? [] : takePrompt(thread, state, prompt, at, "item")
  }
  const operations = thread.open(state)
  const text = contentText(payload.content)
  const answer = pendingAnswer(state, at)
  if (text !== "") answer.texts.push(text)
  return operations
}

export function takePrompt(
  thread: Thread,
  state: CodexState,
  text: string,
  at: ForeignTime | undefined,
  from: "item" | "event",
): Operation[] {
  // Older versions write each prompt twice, as an item and as an event.
  const { lastPrompt } = state
  const isSame = lastPrompt !== undefined && withoutImages(lastPrompt.text) === withoutImages(text)
  if (isSame && lastPrompt.from !== from) {
    state.lastPrompt = undefined
    return []
  }
  state.lastPrompt = { text, from }
  const operations = thread.flush(state)
  state.lastAt = at ?? state.lastAt
  state.promptOpen = true
  state.interrupted = false
  state.modelError = undefined
  abandonCalls(state)
  if (!state.started && parentThread(state) !== undefined) {
    state.task = text
    return [...operations, ...thread.start(state, text)]
  }
  const turn = defined<DialectTurn>({ kind: "human", prompt: text, started_at: at })
  return [...operations, ...thread.emit(state, [turn], text)]
}

/** Processes a message between agents. The first message in a sub-agent's thread is its task. */
function takeMail(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  state.lastAt = at ?? state.lastAt
  if (state.started || parentThread(state) === undefined) return []
  state.task = mailPayload(payload)
  state.promptOpen = true
  return thread.start(state, state.task)
}

function takeCall(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const operations = thread.open(state)
  const id = asText(payload.call_id) ?? asText(payload.id) ?? ""
  const { name, parameters } = callOf(payload)
  pendingAnswer(state, at).calls.push({ id, name })
  const call: OpenCall = { name, parameters, at, item: undefined, child: undefined, stale: false }
  if (PROVIDER_CALLS.has(asText(payload.type) ?? "")) {
    const turn = resultTurn(state, call, { call_id: id, output: "" }, at)
    return [...operations, ...thread.emitResult(state, turn)]
  }
  state.calls.set(id, call)
  return operations
}

function takeOutput(
  thread: Thread,
  state: CodexState,
  payload: JsonObject,
  at: ForeignTime | undefined,
): Operation[] {
  const id = asText(payload.call_id)
  // An output without an id isn't the result of a call, but something that the tool tells the model.
  if (id === undefined) return []
  const call = state.calls.get(id)
  state.calls.delete(id)
  const turn = resultTurn(state, call, payload, at)
  state.lastAt = at ?? state.lastAt
  return thread.emitResult(state, turn)
}
