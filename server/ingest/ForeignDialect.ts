import { createHash } from "node:crypto"
import { createClaudeCodeHooksDialect } from "@/lib/dialects/claudeCodeHooks/claudeCodeHooksDialect"
import type { HookInput } from "@/lib/dialects/claudeCodeHooks/claudeCodeHooksReducer"
import type { LangSmithRun } from "@/lib/dialects/langsmith/LangSmithRun"
import { createLangSmithDialect } from "@/lib/dialects/langsmith/langSmithDialect"
import { createOpenAIAgentsDialect } from "@/lib/dialects/openaiAgents/openaiAgentsDialect"
import type { Operation, RunKey } from "@/lib/dialects/operations"
import { createOtelDialect } from "@/lib/dialects/otel/otelDialect"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import type { Json } from "@/lib/protocol/fields"
import { fromOtlpJson, type OtlpJson } from "./otlp/otlpJson"

export const DIALECTS = ["otlp", "langsmith", "openai-agents", "claude-code-hooks"] as const
export type DialectName = (typeof DIALECTS)[number]

/** The result of new records or of passing time. `forgotten`: the runs whose records no longer need to be stored. */
export type Due = { operations: Operation[]; forgotten: readonly RunKey[] }
/**
 * The result of a request. `keys`: the runs to which its records belong; `reduced`: the runs that lost part of their
 * state.
 */
type Taken = Due & { keys: readonly RunKey[]; reduced: readonly RunKey[] }

/** A dialect with its state: the runs that one token sends in one format. */
export type OpenDialect = {
  /** Processes the records of one request in their stored form. */
  take(records: unknown, bytes: number, now: number): Taken
  advance(now: number): Due
  /** Returns the run that a trace's records belong to; undefined if it isn't known yet. */
  runOf(trace: string): RunKey | undefined
  /** Returns true if `advance` will have something to do later. */
  isWaiting(): boolean
  /** An upper estimate of the size of all text that the dialect holds, in UTF-16 code units. */
  size(): number
  /** Measures the runs that seem largest, so that `size` becomes more exact. */
  measure(): void
  /**
   * Discards the run that has had no new records for the longest time, to free memory. Returns undefined if there are
   * no runs.
   */
  evict(now: number): Due | undefined
}

/**
 * Functions that are passed to the dialects of command-line agents, because dialects are pure and can't import Node's
 * modules.
 */
export const SESSION_OPTIONS = { digest: (text: string) => createHash("sha256").update(text).digest("hex") }

/** Creates a dialect by its name, without any runs. */
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
