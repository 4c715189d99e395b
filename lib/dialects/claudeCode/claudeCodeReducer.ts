import { beginRun, countSkipped, emitTurns } from "@/lib/dialects/emitTurns"
import { asArray, asObject, asText, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, Operation } from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { SessionIdentity, SessionInput, SessionOptions } from "@/lib/dialects/session"
import { asTime } from "@/lib/dialects/times"
import { admitRecord, HOLD_MS, releaseRecords, takeQueueOperation } from "./admitRecord"
import { noteCompaction, takeTotals } from "./compactionUsage"
import { endOperation } from "./endOperation"
import { completeMessage, takeBlock } from "./modelTurns"
import { progressOperations } from "./progressOperations"
import { startOperation } from "./startOperation"
import { type ClaudeCodeState, initialState } from "./state"
import { compactionTurn, modelErrorTurn, retryTurn, systemTurn } from "./systemTurns"
import { classifyUserText, contentText } from "./texts"
import { takeTitle } from "./titles"
import { resultBlocks, takeResult, withoutResults } from "./toolTurns"

type Reduce = (state: ClaudeCodeState, input: SessionInput, now: number) => Operation[]

/**
 * Reads Claude Code's own files: the transcript of a session or sub-agent, and the state of its process. The resulting
 * turns depend only on the records, never on when they are read.
 */
export function claudeCodeReducer(
  identity: SessionIdentity,
  options: SessionOptions,
): Reducer<ClaudeCodeState, SessionInput> {
  const session = new Session(identity, options)
  const reduce: Reduce = (state, input, now) => [
    ...session.take(state, input, now),
    ...progressOperations(state, identity.key),
  ]
  return {
    initial: initialState,
    reduce: (state, input, now) => ({ state, operations: reduce(state, input, now) }),
    advance: (state, now) => ({
      state,
      operations: now < (dueAt(state) ?? Number.POSITIVE_INFINITY) ? [] : session.release(state),
    }),
    nextDue: dueAt,
  }
}

function dueAt(state: ClaudeCodeState): number | undefined {
  return state.heldSince === undefined ? undefined : state.heldSince + HOLD_MS
}

class Session {
  constructor(
    private readonly identity: SessionIdentity,
    private readonly options: SessionOptions,
  ) {}

  take(state: ClaudeCodeState, input: SessionInput, now: number): Operation[] {
    if (input.kind === "record") return this.takeRecord(state, asObject(input.record), now)
    if (input.kind === "title") return this.retitle(state, input.title, "process")
    if (input.kind === "process") {
      state.process = { status: input.status, waitingFor: input.waitingFor }
      return []
    }
    const operations = [...this.release(state), ...this.emit(state, this.flush(state))]
    if (!state.started) return operations
    operations.push(endOperation(state, this.identity.key, input.died, input.at))
    for (const call of state.calls.values()) call.stale = true
    state.process = undefined
    state.promptOpen = state.interrupted = false
    return operations
  }

  /** Processes records that have been held long enough. */
  release(state: ClaudeCodeState): Operation[] {
    return releaseRecords(state).flatMap((record) => this.apply(state, record))
  }

  private takeRecord(state: ClaudeCodeState, record: JsonObject | undefined, now: number): Operation[] {
    if (record === undefined) {
      countSkipped(state.skipped, "unreadable")
      return []
    }
    if (record.type === "queue-operation")
      return takeQueueOperation(state, record).flatMap((held) => this.apply(state, held))
    if (asText(record.uuid) === undefined) return this.takeHousekeeping(state, record)
    const sidechain = record.isSidechain === true && this.identity.agent === undefined
    if (sidechain) countSkipped(state.skipped, "sidechain")
    return sidechain
      ? []
      : admitRecord(state, this.identity, record, now).flatMap((each) => this.apply(state, each))
  }

  private takeHousekeeping(state: ClaudeCodeState, record: JsonObject): Operation[] {
    const id = asText(record.id)
    const at = asTime(record.timestamp)
    if (record.type === "api-request" && id !== undefined && at !== undefined) state.requests.set(id, at)
    else if (record.type === "worktree-state")
      state.worktreeOf ??= asText(asObject(record.worktreeSession)?.originalCwd)
    else if (record.type === "custom-title") return this.retitle(state, record.customTitle, "custom")
    else if (record.type === "ai-title") return this.retitle(state, record.aiTitle, "ai")
    else if (record.type === "cost-state" && this.identity.agent === undefined) {
      const turns = this.flush(state)
      return this.emit(state, [...turns, ...takeTotals(state, record)])
    }
    return []
  }

  private retitle(state: ClaudeCodeState, title: unknown, by: "custom" | "ai" | "process"): Operation[] {
    const intent = takeTitle(state, title, by)
    const shown = state.started && this.identity.agent === undefined && intent !== undefined
    return shown ? [{ op: "update", key: this.identity.key, intent }] : []
  }

  private apply(state: ClaudeCodeState, record: JsonObject): Operation[] {
    state.cwd ??= asText(record.cwd)
    state.branch ??= asText(record.gitBranch)
    state.version ??= asText(record.version)
    state.seenAt = latest(state.seenAt, asTime(record.timestamp))
    if (record.type === "assistant") return this.takeAssistant(state, record)
    const turns = completeMessage(state)
    if (record.type === "user") return [...this.emit(state, turns), ...this.takeUser(state, record)]
    turns.push(...this.flushCompaction(state))
    if (record.type === "system") turns.push(...this.takeSystem(state, record))
    else if (record.type === "attachment")
      return [...this.emit(state, turns), ...this.takeAttachment(state, record)]
    else countSkipped(state.skipped, String(record.type))
    return this.emit(state, turns)
  }

  private takeAssistant(state: ClaudeCodeState, record: JsonObject): Operation[] {
    const message = asObject(record.message) ?? {}
    const turns = state.message?.id === message.id ? [] : this.flush(state)
    if (record.isApiErrorMessage === true) {
      const turn = modelErrorTurn(record)
      state.modelError = turn.error?.message
      state.promptOpen = false
      return this.emit(state, [...turns, turn])
    }
    // Text that the tool writes in the model's name, such as "No response requested.".
    if (message.model === "<synthetic>") return this.emit(state, turns)
    state.interrupted = false
    const { content } = message
    for (const block of typeof content === "string" ? [{ type: "text", text: content }] : asArray(content)) {
      const read = asObject(block)
      if (read !== undefined) turns.push(...takeBlock(state, record, read))
    }
    if (record.isAbortedMidStream === true) turns.push(...completeMessage(state))
    const operations = this.emit(state, turns)
    return [...operations, ...this.relabel(state, asText(message.model))]
  }

  private takeUser(state: ClaudeCodeState, record: JsonObject): Operation[] {
    if (record.isCompactSummary === true) {
      const summary = contentText(asObject(record.message)?.content)
      if (state.compaction !== undefined && summary !== "") state.compaction.turn.message = summary
      return this.emit(state, this.flushCompaction(state))
    }
    const operations = this.emit(state, this.flushCompaction(state))
    const results = resultBlocks(record)
    if (results.length === 0) return [...operations, ...this.takeText(state, record)]
    const at = asTime(record.timestamp)
    for (const block of results) {
      const { turn, child } = takeResult(state, this.identity, record, block)
      operations.push(...this.emit(state, [turn]), ...child)
    }
    state.lastAt = at ?? state.lastAt
    return [...operations, ...this.takeText(state, withoutResults(record))]
  }

  private takeText(state: ClaudeCodeState, record: JsonObject): Operation[] {
    const text = classifyUserText(record)
    if (text.kind === "ignored") return []
    if (text.kind === "prompt") return this.takePrompt(state, record, text.text)
    state.lastAt = asTime(record.timestamp) ?? state.lastAt
    if (text.kind === "interrupt") {
      state.interrupted = state.promptOpen = true
      return this.emit(state, [systemTurn("interrupted", record, { message: text.text })])
    }
    state.promptOpen = true
    return this.takeNotification(state, record, text.text)
  }

  /** Records news of a background task, and ends the run of a sub-agent that has finished. */
  private takeNotification(state: ClaudeCodeState, record: JsonObject, text: string): Operation[] {
    const operations = this.emit(state, [systemTurn("task_notification", record, { message: text })])
    const agent = /<task-id>\s*([\w-]+)\s*<\/task-id>/.exec(text)?.[1]
    const over = /<status>\s*(completed|failed|killed|stopped)/.test(text)
    if (agent === undefined || !over) return operations
    return [
      ...operations,
      { op: "end", key: `claude-code:${this.identity.session}/${agent}`, status: "done" },
    ]
  }

  private takePrompt(state: ClaudeCodeState, record: JsonObject, text: string): Operation[] {
    state.lastAt = asTime(record.timestamp) ?? state.lastAt
    state.promptOpen = true
    state.interrupted = false
    state.modelError = undefined
    if (record.type === "user") for (const call of state.calls.values()) call.stale = true
    if (this.identity.agent !== undefined && !state.started) {
      state.task = text
      return this.start(state, text)
    }
    const turn: DialectTurn = { kind: "human", prompt: text }
    if (state.lastAt !== undefined) turn.started_at = state.lastAt
    return this.emit(state, [turn], text)
  }

  private takeAttachment(state: ClaudeCodeState, record: JsonObject): Operation[] {
    const attachment = asObject(record.attachment)
    if (attachment?.type !== "queued_command") return []
    const text = contentText(attachment.prompt)
    const typed = attachment.commandMode === undefined || attachment.commandMode === "prompt"
    if (text === "") return []
    if (typed && !text.trimStart().startsWith("<task-notification>"))
      return this.takePrompt(state, record, text)
    return this.takeNotification(state, record, text)
  }

  private takeSystem(state: ClaudeCodeState, record: JsonObject): DialectTurn[] {
    const subtype = asText(record.subtype) ?? ""
    if (subtype === "compact_boundary") {
      state.compaction = { turn: compactionTurn(record) }
      noteCompaction(state, record)
    }
    if (subtype === "api_error") return [retryTurn(record)]
    if (subtype.startsWith("model_refusal"))
      return [systemTurn("model_refusal", record, { message: asText(record.content) ?? "The model refused" })]
    return []
  }

  private flush(state: ClaudeCodeState): DialectTurn[] {
    return [...completeMessage(state), ...this.flushCompaction(state)]
  }

  private flushCompaction(state: ClaudeCodeState): DialectTurn[] {
    const { compaction } = state
    state.compaction = undefined
    return compaction === undefined ? [] : [compaction.turn]
  }

  private relabel(state: ClaudeCodeState, model: string | undefined): Operation[] {
    if (model === undefined || model === state.model || !state.started) return []
    state.model = model
    return [{ op: "update", key: this.identity.key, labels: { model } }]
  }

  private start(state: ClaudeCodeState, prompt: string | undefined): Operation[] {
    return beginRun(state, () => startOperation(state, this.identity, this.options, prompt))
  }

  private emit(state: ClaudeCodeState, turns: DialectTurn[], prompt?: string): Operation[] {
    const start = () => startOperation(state, this.identity, this.options, prompt)
    return emitTurns(state, this.identity.key, turns, start)
  }
}

function latest(known: string | undefined, time: string | undefined): string | undefined {
  return known === undefined || (time !== undefined && time > known) ? time : known
}
