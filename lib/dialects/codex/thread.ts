import { beginRun, emitTurns } from "@/lib/dialects/emitTurns"
import { asObject, asText, compact, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, Operation, StartOperation } from "@/lib/dialects/operations"
import {
  agentIdOf,
  homePath,
  labelText,
  type SessionIdentity,
  type SessionOptions,
} from "@/lib/dialects/session"
import { asTime } from "@/lib/dialects/times"
import { completeAnswer } from "./answers"
import type { CodexState } from "./state"

export const TOOL = "codex"

/** One thread's run: how it starts, and the order of its turns. */
export class Thread {
  constructor(
    readonly identity: SessionIdentity,
    private readonly options: SessionOptions,
  ) {}

  get key(): string {
    return this.identity.key
  }

  emit(state: CodexState, turns: DialectTurn[], prompt?: string): Operation[] {
    return emitTurns(state, this.key, turns, () => this.startOperation(state, prompt))
  }

  start(state: CodexState, prompt: string | undefined): Operation[] {
    return beginRun(state, () => this.startOperation(state, prompt))
  }

  /** Emits a tool's turn, after the answer that made the call. */
  emitResult(state: CodexState, turn: DialectTurn): Operation[] {
    if (state.answer === undefined) return this.emit(state, [turn])
    state.answer.closed = true
    state.heldResults.push(turn)
    return []
  }

  /** Completes the pending answer if one of its calls has ended, because what follows is a new answer. */
  open(state: CodexState): Operation[] {
    return state.answer?.closed === true ? this.flush(state) : []
  }

  /** Emits the pending answer with its usage, then the results that were held until then. */
  complete(state: CodexState, usage?: JsonObject, responseId?: string): Operation[] {
    const turn = completeAnswer(state, usage, responseId)
    const turns = [...(turn === undefined ? [] : [turn]), ...state.heldResults]
    state.heldResults = []
    return this.emit(state, turns)
  }

  /** Emits the pending answer without waiting for its usage. */
  flush(state: CodexState): Operation[] {
    return this.complete(state)
  }

  retitle(state: CodexState, name: unknown): Operation[] {
    const title = asText(name)
    if (title === undefined || title === state.title) return []
    state.title = title
    const shown = state.started && parentThread(state) === undefined
    return shown ? [{ op: "update", key: this.key, intent: title }] : []
  }

  private startOperation(state: CodexState, prompt: string | undefined): StartOperation {
    const meta = state.meta ?? {}
    const parent = parentThread(state)
    const origin = asText(meta.forked_from_id)
    const name = asText(meta.agent_path)?.split("/").at(-1) ?? asText(meta.agent_nickname)
    const version = asText(meta.cli_version)
    const title = parent === undefined ? state.title : undefined
    return defined<StartOperation>({
      op: "start",
      key: this.key,
      agent_id: agentIdOf(TOOL, state.cwd, this.options),
      intent: title ?? prompt ?? name ?? "Codex session",
      started_at: state.lastAt ?? asTime(meta.timestamp),
      source: defined<StartOperation["source"]>({ name: TOOL, version, session: this.identity.session }),
      labels: compact({
        session: asText(meta.session_id) ?? parent ?? this.identity.session,
        project: labelText(homePath(state.cwd, this.options)),
        branch: labelText(asText(asObject(meta.git)?.branch)),
        version: labelText(version),
        model: labelText(state.model),
      }),
      parent: parent === undefined ? undefined : { key: `${TOOL}:${parent}` },
      continues: origin === undefined || origin === parent ? undefined : `${TOOL}:${origin}`,
    })
  }
}

/** Returns the thread that spawned this one. */
export function parentThread({ meta }: CodexState): string | undefined {
  const spawn = asObject(asObject(asObject(meta?.source)?.subagent)?.thread_spawn)
  return asText(meta?.parent_thread_id) ?? asText(spawn?.parent_thread_id)
}

export function systemTurn(
  event: string,
  at: ForeignTime | undefined,
  fields: Omit<DialectTurn, "kind" | "event">,
): DialectTurn {
  return defined<DialectTurn>({ kind: "system", event, started_at: at, ...fields })
}

/** Marks calls that can't be answered anymore: the process is gone, or the user has continued without them. */
export function abandonCalls(state: CodexState): void {
  for (const call of state.calls.values()) call.stale = true
}
