import { asObject, asText } from "@/lib/dialects/json"
import type { Operation, RunKey } from "@/lib/dialects/operations"
import { DIALECT_LIMITS, type Reducer } from "@/lib/dialects/Reducer"
import { agentIdOf, type SessionOptions } from "@/lib/dialects/session"
import { sizeOf } from "@/lib/dialects/sizeOf"
import { runForgotten } from "@/lib/dialects/traces/ending/boundRun"
import { boundSession } from "./boundSession"
import { claudeCodeHooksReducer, type HookInput } from "./claudeCodeHooksReducer"
import type { HooksState } from "./HookRun"
import { projectOf } from "./startHookRun"

/** Memory that an event adds to a session's state, in addition to its own size. */
const EVENT_SIZE = 256
const SESSION_ID = /^[\w.:-]{1,100}$/

type HookSession = {
  reducer: Reducer<HooksState, HookInput>
  state: HooksState
  seenAt: number
  size: number
}

/** The open sessions of one sender, ordered by their last event, oldest first. */
export type HookSessions = Map<string, HookSession>

/** Reads the hooks of all Claude Code sessions of one sender. After an hour of silence, a session is `incomplete`. */
export function createClaudeCodeHooksDialect(
  options: SessionOptions,
): Reducer<HookSessions, { events: readonly HookInput[] }> {
  return {
    initial: () => new Map(),
    reduce(state, { events }, now) {
      const reductions = events.map((input) => reduceEvent(state, input, now, options))
      const evicted = state.size > DIALECT_LIMITS.openKeys ? evictOldest(state) : []
      return {
        state,
        operations: [...reductions.flatMap(({ operations }) => operations), ...evicted],
        keys: [...new Set(reductions.flatMap(({ keys }) => keys))],
        reduced: reductions.flatMap(({ reduced }) => reduced),
      }
    },
    size: (state) => [...state.values()].reduce((sum, { size }) => sum + size, 0),
    evict(state, now) {
      const [oldest] = state
      if (oldest === undefined) return undefined
      const [session, open] = oldest
      const operations = endSession(state, session, open)
      if (operations.length > 0) operations.unshift(runForgotten(open.state.root.key, now))
      return { state, operations }
    },
    advance(state, now) {
      const operations: Operation[] = []
      for (const { seenAt } of state.values()) {
        if (seenAt + DIALECT_LIMITS.idleMs > now) break
        operations.push(...evictOldest(state))
      }
      return { state, operations }
    },
    nextDue(state) {
      const [oldest] = state.values()
      return oldest === undefined ? undefined : oldest.seenAt + DIALECT_LIMITS.idleMs
    },
  }
}

/** Returns true if an event names its session. */
export function isHookEvent(event: unknown): boolean {
  const read = asObject(event)
  return SESSION_ID.test(asText(read?.session_id) ?? "") && asText(read?.hook_event_name) !== undefined
}

/** Returns the agent id of an event's run, derived from the event alone. */
export function claudeCodeHooksAgentId(event: unknown, options: SessionOptions): string | undefined {
  const read = asObject(event)
  return read === undefined ? undefined : agentIdOf("claude-code", projectOf(read), options)
}

function reduceEvent(
  state: HookSessions,
  input: HookInput,
  now: number,
  options: SessionOptions,
): { operations: Operation[]; keys: RunKey[]; reduced: RunKey[] } {
  const session = asText(asObject(input.event)?.session_id)
  if (session === undefined || !SESSION_ID.test(session)) return { operations: [], keys: [], reduced: [] }
  const open = state.get(session) ?? openSession(session, options)
  open.seenAt = now
  const before = openKeys(open.state)
  const reduction = open.reducer.reduce(open.state, input, now)
  open.state = reduction.state
  const bounded = boundSession(open.state, open.size + EVENT_SIZE + sizeOf(input.event), input.at)
  open.size = bounded.size
  const operations = [...reduction.operations, ...bounded.operations]
  const after = openKeys(open.state)
  state.delete(session)
  if (after.length > 0) state.set(session, open)
  if (open.size > DIALECT_LIMITS.bytesPerKey) operations.push(...endSession(state, session, open))
  const agent = asText(asObject(input.event)?.agent_id)
  const known = new Set([...before, ...after])
  const root = open.state.root.key
  return { operations, keys: keysOf(root, agent, known), reduced: bounded.isReduced ? [root] : [] }
}

function openSession(session: string, options: SessionOptions): HookSession {
  const reducer = claudeCodeHooksReducer(session, options)
  return { reducer, state: reducer.initial(), seenAt: 0, size: 0 }
}

/** Returns the open runs that need a sub-agent's or the session's event: the session's, and the sub-agent's own. */
function keysOf(root: RunKey, agent: string | undefined, known: ReadonlySet<RunKey>): RunKey[] {
  return [root, ...(agent === undefined ? [] : [`${root}/${agent}`])].filter((key) => known.has(key))
}

function openKeys({ root, children }: HooksState): RunKey[] {
  return [root, ...children.values()].filter(({ started }) => started).map(({ key }) => key)
}

function evictOldest(state: HookSessions): Operation[] {
  const [oldest] = state
  if (oldest === undefined) return []
  return endSession(state, ...oldest)
}

function endSession(state: HookSessions, session: string, open: HookSession): Operation[] {
  state.delete(session)
  return openKeys(open.state).map((key) => ({ op: "end", key, status: "incomplete", inferred: true }))
}
