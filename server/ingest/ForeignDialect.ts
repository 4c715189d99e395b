import { createHash } from "node:crypto"
import { createClaudeCodeHooksDialect } from "@/lib/dialects/claudeCodeHooks/claudeCodeHooksDialect"
import type { HookInput } from "@/lib/dialects/claudeCodeHooks/claudeCodeHooksReducer"
import type { LangSmithRun } from "@/lib/dialects/langsmith/LangSmithRun"
import { createLangSmithDialect } from "@/lib/dialects/langsmith/langSmithDialect"
import { createOpenAIAgentsDialect } from "@/lib/dialects/openaiAgents/openaiAgentsDialect"
import type { Operation, RunKey } from "@/lib/dialects/operations"
import { createOtelDialect } from "@/lib/dialects/otel/otelDialect"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { TraceSettings } from "@/lib/dialects/traces/TraceSettings"
import type { Json } from "@/lib/protocol/fields"
import { fromOtlpJson, type OtlpJson } from "./otlp/otlpJson"

export const DIALECTS = ["otlp", "langsmith", "openai-agents", "claude-code-hooks"] as const
export type DialectName = (typeof DIALECTS)[number]

/** What records or the passing of time led to. `forgotten`: runs that no records are kept for any more. */
export type Due = { operations: Operation[]; forgotten: readonly RunKey[] }
/** What one request led to. `keys`: the runs that need it; `reduced`: those that lost a part of their state. */
type Taken = Due & { keys: readonly RunKey[]; reduced: readonly RunKey[] }

/** A dialect with its state: the runs that one token sends in one format. */
export type OpenDialect = {
  /** Takes the records of one request, as they were stored. */
  take(records: unknown, bytes: number, now: number): Taken
  advance(now: number): Due
  /** The run that a trace's records belong to, as far as known. */
  runOf(trace: string): RunKey | undefined
  /** Whether a deadline is set. */
  isWaiting(): boolean
  /** About how much the dialect holds, at most, in UTF-16 units of text. */
  size(): number
  /** Measures the runs that seem to hold most, so that `size` is closer. */
  measure(): void
  /** Gives up the run that was silent longest, to make room; undefined if there is none. */
  evict(now: number): Due | undefined
}

/** What the dialects of command-line agents need of their surroundings. */
export const SESSION_OPTIONS = { digest: (text: string) => createHash("sha256").update(text).digest("hex") }

/** Opens a dialect by name. */
export function openDialect(name: DialectName, settings: TraceSettings): OpenDialect {
  if (name === "langsmith")
    return open(createLangSmithDialect(settings), (records, bytes) => ({
      runs: records as LangSmithRun[],
      bytes,
    }))
  if (name === "openai-agents")
    return open(createOpenAIAgentsDialect(settings), (records, bytes) => ({
      items: records as Json[],
      bytes,
    }))
  if (name === "claude-code-hooks")
    return open(createClaudeCodeHooksDialect(SESSION_OPTIONS), (records) => ({
      events: records as HookInput[],
    }))
  return open(createOtelDialect(settings), (records, bytes) => ({
    records: fromOtlpJson(records as OtlpJson),
    bytes,
  }))
}

function open<State, Batch>(
  reducer: Reducer<State, Batch>,
  read: (records: unknown, bytes: number) => Batch,
): OpenDialect {
  let state = reducer.initial()
  return {
    take(records, bytes, now) {
      const reduction = reducer.reduce(state, read(records, bytes), now)
      state = reduction.state
      const { operations, keys = [], forgotten = [], reduced = [] } = reduction
      return { operations, keys, forgotten, reduced }
    },
    advance(now) {
      const reduction = reducer.advance?.(state, now)
      if (reduction === undefined) return { operations: [], forgotten: [] }
      state = reduction.state
      return { operations: reduction.operations, forgotten: reduction.forgotten ?? [] }
    },
    runOf: (trace) => reducer.runOf?.(state, trace),
    isWaiting: () => reducer.nextDue?.(state) !== undefined,
    size: () => reducer.size?.(state) ?? 0,
    measure: () => reducer.measure?.(state),
    evict(now) {
      const reduction = reducer.evict?.(state, now)
      if (reduction === undefined) return undefined
      state = reduction.state
      return { operations: reduction.operations, forgotten: reduction.forgotten ?? [] }
    },
  }
}
