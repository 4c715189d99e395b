import { NEXT_PROMPT } from "@/lib/dialects/activityOperations"
import { BoundedMap } from "@/lib/dialects/BoundedMap"
import { asArray, asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, Operation } from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { SessionOptions } from "@/lib/dialects/session"
import { type HookRun, type HooksState, hookRun } from "./HookRun"
import { answer, callText, end, next, progress, turn, wait } from "./hookOperations"
import { callTurn, listedTurn } from "./hookTurns"
import { type HookContext, isTaskNotification, startHookRun } from "./startHookRun"

/** One event, as Claude Code posts it. It contains no time: `at` is when it arrived. */
export type HookInput = { event: unknown; at: ForeignTime }

const TOOL = "claude-code"
/** An identical event within this time is a duplicate. */
const REPEAT_MS = 5_000
/** Maximum length of an answer while it is being displayed: as much as fits in a turn. */
const MAX_DISPLAY = 4 * 1024 * 1024
/** Maximum length of a call's input, as JSON, that is stored until its result arrives. */
const MAX_KEPT_INPUT = 64 * 1024

type Take = (event: JsonObject, context: HookContext) => Operation[]

/**
 * Reads what Claude Code's hooks report about one session. Hooks have neither token usage nor the model name, and they
 * have an answer's text only if the hook for displayed messages is configured, or at the end of a turn.
 */
export function claudeCodeHooksReducer(
  session: string,
  options: SessionOptions,
): Reducer<HooksState, HookInput> {
  const initial = (): HooksState => ({
    root: hookRun(`${TOOL}:${session}`),
    children: new BoundedMap(500),
    recent: new BoundedMap(200),
  })
  return {
    initial,
    reduce: (state, { event, at }, now) => {
      const read = asObject(event)
      const isNew = read !== undefined && noteEvent(state, read, now, options)
      return { state, operations: isNew ? take(read, { state, session, at, options }) : [] }
    },
  }
}

/** Records when an event arrived. Returns false if the event is a duplicate. */
function noteEvent(state: HooksState, event: JsonObject, now: number, { digest }: SessionOptions): boolean {
  const key = digest(JSON.stringify(event))
  const before = state.recent.get(key)
  state.recent.set(key, now)
  return before === undefined || now - before > REPEAT_MS
}

function take(event: JsonObject, rest: Omit<HookContext, "run">): Operation[] {
  const name = asText(event.hook_event_name) ?? ""
  const run = runOf(event, rest)
  if (run === undefined) return []
  const context = { ...rest, run }
  const handle = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined
  return [...startHookRun(event, context), ...(handle?.(event, context) ?? [])]
}

/**
 * Returns the run that an event is about, creating it if needed. Returns undefined for the end of an agent that never
 * started. Compaction reports such ends.
 */
function runOf(event: JsonObject, { state, session }: Omit<HookContext, "run">): HookRun | undefined {
  const agent = asText(event.agent_id)
  if (agent === undefined) return state.root
  const known = state.children.get(agent)
  if (known !== undefined || event.hook_event_name === "SubagentStop") return known
  const run = hookRun(`${TOOL}:${session}/${agent}`)
  state.children.set(agent, run)
  return run
}

const EVENTS: { readonly [name: string]: Take } = {
  UserPromptSubmit: takePrompt,
  PreToolUse: takeCall,
  PermissionRequest: (event, { run }) => [
    wait(run, { for: `approval of: ${callText(event)}`, kind: "approval" }),
  ],
  PostToolUse: takeResult,
  PostToolUseFailure: takeResult,
  PostToolBatch: takeBatch,
  MessageDisplay: takeDisplay,
  Notification: takeNotification,
  Stop: takeStop,
  StopFailure: takeFailure,
  SubagentStop: takeSubagentStop,
  PreCompact: (event, { run, at }) => {
    const trigger = asText(event.trigger)
    const attributes = trigger === undefined ? undefined : { trigger }
    return [
      turn(run, defined<DialectTurn>({ kind: "system", event: "compaction", started_at: at, attributes })),
    ]
  },
  SessionEnd: takeEnd,
}

function takePrompt(event: JsonObject, { run, at }: HookContext): Operation[] {
  const prompt = asText(event.prompt) ?? ""
  run.promptOpen = true
  run.modelError = undefined
  run.lastText = undefined
  run.lastAt = at
  const working = progress(run, { kind: "model", started_at: at })
  if (isTaskNotification(prompt)) {
    const news: DialectTurn = { kind: "system", event: "task_notification", message: prompt, started_at: at }
    return [turn(run, news), wait(run, null), working]
  }
  const title = asText(event.session_title)
  const isRename = !run.named || (title !== undefined && title !== run.title)
  const rename: Operation[] = isRename ? [{ op: "update", key: run.key, intent: title ?? prompt }] : []
  run.named = true
  run.title = title
  return [...rename, turn(run, { kind: "human", prompt, started_at: at }), wait(run, null), working]
}

function takeCall(event: JsonObject, { run, at }: HookContext): Operation[] {
  const id = asText(event.tool_use_id) ?? ""
  const name = asText(event.tool_name) ?? "tool"
  const isLarge = (JSON.stringify(event.tool_input) ?? "").length > MAX_KEPT_INPUT
  run.calls.set(id, { name, input: isLarge ? undefined : event.tool_input, at })
  return [
    wait(run, null),
    progress(run, { kind: "tool", tool: name, parameters: event.tool_input, started_at: at }),
  ]
}

function takeResult(event: JsonObject, { run, session, at }: HookContext): Operation[] {
  const id = asText(event.tool_use_id) ?? ""
  if (id !== "" && run.recorded.has(id)) return []
  const operation = turn(run, callTurn(run, session, event, at))
  run.calls.delete(id)
  run.recorded.set(id, true)
  run.lastAt = at
  return [operation, wait(run, null), next(run, at)]
}

function takeBatch(event: JsonObject, { run, session, at }: HookContext): Operation[] {
  const others = asArray(event.tool_calls)
    .map(asObject)
    .filter((call) => call !== undefined)
    .filter((call) => !run.recorded.has(asText(call.tool_use_id) ?? ""))
  if (others.length === 0) return []
  const operations = others.map((call) => turn(run, listedTurn(run, session, call, at)))
  for (const call of others) {
    run.calls.delete(asText(call.tool_use_id) ?? "")
    run.recorded.set(asText(call.tool_use_id) ?? "", true)
  }
  run.lastAt = at
  return [...operations, wait(run, null), next(run, at)]
}

function takeDisplay(event: JsonObject, { run, at }: HookContext): Operation[] {
  const id = asText(event.message_id) ?? ""
  const before = run.display?.id === id ? run.display.text : ""
  const text = (before + (asText(event.delta) ?? "")).slice(0, MAX_DISPLAY)
  run.display = { id, text }
  if (event.final !== true) return [progress(run, { kind: "model", text, started_at: run.lastAt ?? at })]
  run.display = undefined
  return answer(run, text, at)
}

function takeNotification(event: JsonObject, { run }: HookContext): Operation[] {
  const message = asText(event.message) ?? ""
  if (event.notification_type === "idle_prompt") return [wait(run, NEXT_PROMPT)]
  if (event.notification_type === "elicitation_dialog") return [wait(run, { for: message, kind: "answer" })]
  if (event.notification_type !== "permission_prompt") return []
  const [call] = run.calls.values()
  const what =
    call === undefined
      ? message
      : `approval of: ${callText({ tool_name: call.name, tool_input: call.input })}`
  return [wait(run, { for: what, kind: "approval" })]
}

function takeStop(event: JsonObject, { run, at }: HookContext): Operation[] {
  run.promptOpen = false
  const text = asText(event.last_assistant_message)
  const said = text === undefined || text === run.lastText ? [] : answer(run, text, at)
  // While background tasks are running, Claude Code isn't waiting for the user: it continues on its own.
  const isIdle = asArray(event.background_tasks).length === 0
  return [...said, progress(run, null), wait(run, isIdle ? NEXT_PROMPT : null)]
}

function takeFailure(event: JsonObject, { run, at }: HookContext): Operation[] {
  const message = asText(event.error) ?? "The model API returned an error"
  run.promptOpen = false
  run.modelError = message
  return [
    turn(run, { kind: "system", event: "api_error", started_at: at, error: { message } }),
    progress(run, null),
    wait(run, NEXT_PROMPT),
  ]
}

function takeSubagentStop(event: JsonObject, { run, state, at }: HookContext): Operation[] {
  const agent = asText(event.agent_id)
  if (agent === undefined) return []
  state.children.delete(agent)
  const text = asText(event.last_assistant_message)
  const said = text === undefined || text === run.lastText ? [] : answer(run, text, at)
  run.promptOpen = false
  return [...said, end(run, at)]
}

function takeEnd(_event: JsonObject, { state, at }: HookContext): Operation[] {
  const runs = [...state.children.values(), state.root].filter(({ started }) => started)
  const operations = runs.map((run) => end(run, at))
  state.root = hookRun(state.root.key)
  state.children.clear()
  return operations
}
