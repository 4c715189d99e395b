import { countSkipped } from "@/lib/dialects/emitTurns"
import { asArray, asObject, asText, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, Operation } from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { SessionIdentity, SessionInput, SessionOptions } from "@/lib/dialects/session"
import { timeOf } from "./answers"
import { endOperation } from "./endOperation"
import { takeEvent } from "./events"
import { takeItem } from "./items"
import { progressOperations } from "./progressOperations"
import { type CodexState, initialState } from "./state"
import { abandonCalls, systemTurn, Thread } from "./thread"

type CodexReducer = Reducer<CodexState, SessionInput> & {
  isOver(state: CodexState): boolean
  beginsProcess(state: CodexState, record: unknown): boolean
}

/**
 * Reads Codex's rollout files, version 0.120 and later, and the state of the thread's process. The resulting turns
 * depend only on the records, never on when they are read.
 */
export function codexReducer(identity: SessionIdentity, options: SessionOptions): CodexReducer {
  const thread = new Thread(identity, options)
  return {
    initial: initialState,
    reduce: (state, input) => ({
      state,
      operations: [...take(thread, state, input), ...progressOperations(state, identity.key)],
    }),
    isOver,
    beginsProcess: (state, record) => {
      const payload = asObject(asObject(record)?.payload)
      return isOver(state) && payload?.type === "task_started"
    },
  }
}

/** Returns true if the run is over, because `codex exec` exits after one task. */
function isOver({ meta, started, taskOpen }: CodexState): boolean {
  const isExec = meta?.source === "exec" || (meta?.source === undefined && meta?.originator === "codex_exec")
  return started && !taskOpen && isExec
}

function take(thread: Thread, state: CodexState, input: SessionInput): Operation[] {
  if (input.kind === "record") return takeRecord(thread, state, asObject(input.record))
  if (input.kind === "title") return thread.retitle(state, input.title)
  if (input.kind === "process") {
    state.process = { status: input.status }
    return []
  }
  const operations = thread.flush(state)
  if (!state.started) return operations
  operations.push(endOperation(state, thread.key, input.died, input.at))
  abandonCalls(state)
  state.process = undefined
  state.taskOpen = state.promptOpen = state.interrupted = false
  return operations
}

function takeRecord(thread: Thread, state: CodexState, record: JsonObject | undefined): Operation[] {
  const payload = asObject(record?.payload)
  if (record === undefined || payload === undefined) {
    countSkipped(state.skipped, "unreadable")
    return []
  }
  const at = timeOf(record)
  if (at !== undefined && (state.seenAt === undefined || at > state.seenAt)) state.seenAt = at
  const owner = asText(payload.thread_id)
  if (owner !== undefined && state.thread !== undefined && owner !== state.thread) return []
  switch (record.type) {
    case "session_meta":
      takeMeta(state, payload)
      return []
    case "turn_context":
      return takeContext(thread, state, payload)
    case "response_item":
      return takeItem(thread, state, payload, at)
    case "event_msg":
      return takeEvent(thread, state, payload, at)
    case "token_usage_record":
      state.usageRecords = true
      return thread.complete(state, asObject(payload.usage) ?? {}, asText(payload.response_id))
    case "compacted":
      return [...thread.flush(state), ...thread.emit(state, [compactionTurn(payload, at)])]
    default:
      countSkipped(state.skipped, asText(record.type) ?? "untyped")
      return []
  }
}

function takeMeta(state: CodexState, payload: JsonObject): void {
  // A second header belongs to a thread whose history was copied into this file.
  if (state.meta !== undefined) return
  state.meta = payload
  state.thread = asText(payload.id)
  state.cwd = asText(payload.cwd)
}

function takeContext(thread: Thread, state: CodexState, payload: JsonObject): Operation[] {
  state.cwd ??= asText(payload.cwd)
  state.approvalPolicy = asText(payload.approval_policy) ?? state.approvalPolicy
  const model = asText(payload.model)
  if (model === undefined || model === state.model) return []
  state.model = model
  return state.started ? [{ op: "update", key: thread.key, labels: { model } }] : []
}

function compactionTurn(payload: JsonObject, at: ForeignTime | undefined): DialectTurn {
  const kept = asArray(payload.replacement_history).length
  return systemTurn("compaction", at, {
    message: asText(payload.message) ?? "The conversation was compacted",
    ...(kept > 0 ? { attributes: { items_after: kept } } : {}),
  })
}
