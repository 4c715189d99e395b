import { activityOperations, NEXT_PROMPT, type ShownActivity } from "./activityOperations"
import { BoundedMap } from "./BoundedMap"
import { beginRun, emitTurns, type RunBeginning } from "./emitTurns"
import { compact, defined } from "./json"
import type {
  DialectProgress,
  DialectTurn,
  EndOperation,
  ForeignTime,
  Operation,
  StartOperation,
} from "./operations"
import type { Reducer } from "./Reducer"
import {
  agentIdOf,
  homePath,
  labelText,
  type SessionIdentity,
  type SessionInput,
  type SessionOptions,
} from "./session"
import { sessionEnd } from "./sessionEnd"

/** State shared by the dialects of tools whose files contain nothing about processes. */
export type PlainState = RunBeginning &
  ShownActivity & {
    /** Ids of records and calls that have a turn. */
    recorded: BoundedMap<string, true>
    calls: BoundedMap<string, { name: string; parameters: unknown; at: ForeignTime | undefined }>
    cwd: string | undefined
    branch: string | undefined
    version: string | undefined
    parent: string | undefined
    /** The session of which this one is a fork, and when it was forked. */
    origin: string | undefined
    forkedAt: ForeignTime | undefined
    model: string | undefined
    title: string | undefined
    lastAt: ForeignTime | undefined
    seenAt: ForeignTime | undefined
    promptOpen: boolean
    interrupted: boolean
    modelError: string | undefined
    lastAnswer: string | undefined
    skipped: Record<string, number>
  }

export function plainState(): PlainState {
  return {
    started: false,
    heldTurns: [],
    recorded: new BoundedMap(2_000),
    calls: new BoundedMap(200),
    cwd: undefined,
    branch: undefined,
    version: undefined,
    parent: undefined,
    origin: undefined,
    forkedAt: undefined,
    model: undefined,
    title: undefined,
    lastAt: undefined,
    seenAt: undefined,
    promptOpen: false,
    interrupted: false,
    modelError: undefined,
    lastAnswer: undefined,
    shownProgress: "",
    shownWaiting: "",
    skipped: {},
  }
}

export type PlainDialect<State extends PlainState> = {
  tool: string
  initial(): State
  take(state: State, record: unknown, run: PlainRun): Operation[]
  /** Emits turns that are only known to be complete because nothing follows. */
  flush?(state: State, run: PlainRun): Operation[]
  /** True if the records show when the tool is waiting for the user. */
  knowsIdle: boolean
  /** Returns true if a record must come from a different process than the previous records. */
  beginsProcess?(state: State, record: unknown): boolean
}

/** Creates a reducer for a tool's session files, which say nothing about the tool's processes. */
export function plainReducer<State extends PlainState>(
  dialect: PlainDialect<State>,
  identity: SessionIdentity,
  options: SessionOptions,
): Reducer<State, SessionInput> & {
  beginsProcess(state: State, record: unknown): boolean
  recordedAt(state: State): ForeignTime | undefined
  directory(state: State): string | undefined
} {
  const run = new PlainRun(dialect.tool, identity, options)
  const take = (state: State, input: SessionInput): Operation[] => {
    if (input.kind === "record") return dialect.take(state, input.record, run)
    if (input.kind === "title") return run.retitle(state, input.title)
    if (input.kind === "process") return []
    const operations = dialect.flush?.(state, run) ?? []
    if (!state.started) return operations
    operations.push(run.endOperation(state, input.died, input.at))
    state.calls.clear()
    state.promptOpen = state.interrupted = false
    return operations
  }
  return {
    initial: dialect.initial,
    recordedAt: ({ seenAt }) => seenAt,
    directory: ({ cwd }) => cwd,
    beginsProcess: (state, record) => dialect.beginsProcess?.(state, record) === true,
    reduce: (state, input) => {
      const operations = take(state, input)
      const ended = input.kind === "ended"
      return {
        state,
        operations: [...operations, ...run.progressOperations(state, dialect.knowsIdle && !ended)],
      }
    },
  }
}

/** Writes the run of one session. */
export class PlainRun {
  constructor(
    private readonly tool: string,
    readonly identity: SessionIdentity,
    private readonly options: SessionOptions,
  ) {}

  emit(state: PlainState, turns: DialectTurn[], prompt?: string): Operation[] {
    return emitTurns(state, this.identity.key, turns, () => this.startOperation(state, prompt))
  }

  /**
   * Records a user's prompt. If a sub-agent's run hasn't started, the prompt is its task: instead of becoming a turn,
   * it starts the run and, unless the session has a title, becomes the run's intent.
   */
  prompt(state: PlainState, text: string, at: ForeignTime | undefined): Operation[] {
    state.lastAt = at ?? state.lastAt
    state.promptOpen = true
    state.interrupted = false
    state.modelError = undefined
    state.calls.clear()
    const isTask = !state.started && (this.identity.parent ?? state.parent) !== undefined
    if (isTask) return beginRun(state, () => this.startOperation(state, text))
    return this.emit(state, [defined<DialectTurn>({ kind: "human", prompt: text, started_at: at })], text)
  }

  retitle(state: PlainState, title: string): Operation[] {
    if (title === state.title || title === "") return []
    state.title = title
    return state.started ? [{ op: "update", key: this.identity.key, intent: title }] : []
  }

  remodel(state: PlainState, model: string | undefined): Operation[] {
    if (model === undefined || model === state.model) return []
    state.model = model
    return state.started ? [{ op: "update", key: this.identity.key, labels: { model } }] : []
  }

  progressOperations(state: PlainState, knowsIdle: boolean): Operation[] {
    if (!state.started) return []
    const { key, agent } = this.identity
    const progress = progressOf(state)
    const isIdle = knowsIdle && progress === null && !agent && state.parent === undefined
    return activityOperations(state, key, progress, isIdle ? NEXT_PROMPT : null)
  }

  endOperation(state: PlainState, died: boolean, at: ForeignTime | undefined): EndOperation {
    return sessionEnd(this.identity.key, state, { died: died && state.promptOpen, at })
  }

  private startOperation(state: PlainState, prompt: string | undefined): StartOperation {
    const { identity, options, tool } = this
    const parent = identity.parent ?? state.parent
    return defined<StartOperation>({
      op: "start",
      key: identity.key,
      agent_id: agentIdOf(tool, state.cwd, options),
      intent: state.title ?? prompt ?? `${tool} session`,
      started_at: state.lastAt,
      source: defined<StartOperation["source"]>({
        name: tool,
        version: state.version,
        session: identity.session,
      }),
      labels: compact({
        session: identity.session,
        project: labelText(homePath(state.cwd, options)),
        branch: labelText(state.branch),
        version: labelText(state.version),
        model: labelText(state.model),
      }),
      parent: parent === undefined ? undefined : { key: parent },
      continues: state.origin === undefined ? undefined : `${tool}:${state.origin}`,
    })
  }
}

function progressOf(state: PlainState): DialectProgress | null {
  if (!state.promptOpen || state.interrupted) return null
  const [call] = state.calls.values()
  if (call === undefined)
    return defined<DialectProgress>({ kind: "model", model: state.model, started_at: state.lastAt })
  return defined<DialectProgress>({
    kind: "tool",
    tool: call.name,
    parameters: call.parameters,
    started_at: call.at,
  })
}

/** Returns the exit code that a shell tool writes into its output. */
export function exitCodeInOutput(output: string): number | undefined {
  const code = /^(?:Exit Code: |Command exited with code )(-?\d+)\s*$/m.exec(output.slice(-2_000))?.[1]
  return code === undefined ? undefined : Number(code)
}

/** Updates the newest time in the records, and returns the given one. */
export function noteTime(state: PlainState, at: ForeignTime | undefined): ForeignTime | undefined {
  if (at !== undefined && (state.seenAt === undefined || at > state.seenAt)) state.seenAt = at
  return at
}
