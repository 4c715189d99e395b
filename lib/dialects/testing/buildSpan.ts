import type { DialectTurn, EndOperation, Operation, StartOperation } from "@/lib/dialects/operations"
import type {
  Attributes,
  OtelEvent,
  OtelLog,
  OtelOrigin,
  OtelRecord,
  OtelSpan,
} from "@/lib/dialects/otel/OtelRecord"
import { createOtelDialect } from "@/lib/dialects/otel/otelDialect"
import { DEFAULT_TRACE_SETTINGS, type TraceSettings } from "@/lib/dialects/TraceSettings"

/** 2026-01-01T00:00:00Z in nanoseconds. Times of spans are milliseconds after this. */
const EPOCH = 1_767_225_600_000n
const NANOS = 1_000_000n

export type SpanInput = {
  id: string
  parent?: string
  trace?: string
  name?: string
  from?: number
  to?: number
  attributes?: Attributes
  events?: { name: string; attributes: Attributes }[]
  status?: number
  message?: string
  scope?: string
  resource?: Attributes
  remote?: boolean
}

const DEFAULT_RESOURCE: Attributes = { "service.name": "shop", "service.instance.id": "one" }
const origins = new Map<string, OtelOrigin>()

function originOf(scope: string, resource: Attributes): OtelOrigin {
  const key = `${scope} ${JSON.stringify(resource)}`
  const origin = origins.get(key) ?? { scope, resource }
  origins.set(key, origin)
  return origin
}

/** Builds a span from the given fields and defaults. */
export function span(input: SpanInput): OtelSpan {
  const { id, parent, trace = "t1", name = "span", from = 0, to = from + 10, attributes = {} } = input
  const events: OtelEvent[] = (input.events ?? []).map((event) => ({ ...event, time: 0n }))
  return {
    type: "span",
    origin: originOf(input.scope ?? "test", input.resource ?? DEFAULT_RESOURCE),
    traceId: trace,
    spanId: id,
    ...(parent !== undefined && { parentId: parent }),
    ...(input.remote && { parentIsRemote: true }),
    name,
    kind: 1,
    start: (EPOCH + BigInt(from)) * NANOS,
    end: (EPOCH + BigInt(to)) * NANOS,
    attributes,
    events,
    status: input.status ?? 0,
    ...(input.message !== undefined && { statusMessage: input.message }),
  }
}

export function log(input: {
  name: string
  at?: number
  trace?: string
  span?: string
  body?: OtelLog["body"]
  attributes?: Attributes
  resource?: Attributes
  severity?: number
}): OtelLog {
  return {
    type: "log",
    origin: originOf("test", input.resource ?? DEFAULT_RESOURCE),
    ...(input.trace !== undefined && { traceId: input.trace }),
    ...(input.span !== undefined && { spanId: input.span }),
    name: input.name,
    time: (EPOCH + BigInt(input.at ?? 0)) * NANOS,
    body: input.body ?? null,
    attributes: input.attributes ?? {},
    severity: input.severity ?? 9,
  }
}

export type ReplayedRun = {
  key: string
  start: StartOperation
  turns: DialectTurn[]
  /** `model` or `tool name`, with `!` for an error. */
  shape: string[]
  ends: (EndOperation & { at: number })[]
  updates: Operation[]
  progress: Operation[]
  waits: Operation[]
}

/**
 * Replays requests at their times (ms), then advances through all deadlines. `until` is how long to continue; the
 * default is until nothing is due.
 */
export function replay(
  requests: readonly (readonly [at: number, records: OtelRecord[]])[],
  settings: Partial<TraceSettings> = {},
  until = 3_600_000,
): ReplayedRun[] {
  const dialect = createOtelDialect({ ...DEFAULT_TRACE_SETTINGS, ...settings })
  const state = dialect.initial()
  const operations: (Operation & { at: number })[] = []
  let now = 0
  const advanceTo = (time: number) => {
    for (
      let due = dialect.nextDue?.(state);
      due !== undefined && due <= time;
      due = dialect.nextDue?.(state)
    ) {
      now = Math.max(now, due)
      const found = dialect.advance?.(state, now).operations ?? []
      operations.push(...found.map((operation) => ({ ...operation, at: now })))
      if (dialect.nextDue?.(state) === due && found.length === 0) throw new Error(`stuck at ${due}`)
    }
    now = time
  }
  for (const [at, records] of requests) {
    advanceTo(at)
    const found = dialect.reduce(state, { records, bytes: 1_000 }, at).operations
    operations.push(...found.map((operation) => ({ ...operation, at })))
  }
  advanceTo(now + until)
  return collectRuns(operations)
}

/** Groups operations by run, dropping repeated turn ids as a sink would. */
export function collectRuns(operations: readonly (Operation & { at: number })[]): ReplayedRun[] {
  const runs = new Map<string, ReplayedRun & { ids: Set<string> }>()
  for (const operation of operations) {
    if (operation.op === "start") {
      const { at: _, ...start } = operation
      runs.set(operation.key, {
        key: operation.key,
        start,
        turns: [],
        shape: [],
        ends: [],
        updates: [],
        progress: [],
        waits: [],
        ids: new Set(),
      })
      continue
    }
    const run = runs.get(operation.key)
    if (run === undefined) throw new Error(`${operation.op} before the start of ${operation.key}`)
    if (operation.op === "turn") {
      const id = operation.id ?? ""
      if (run.ids.has(id)) throw new Error(`turn ${id} was emitted twice`)
      run.ids.add(id)
      run.turns.push(operation.turn)
      run.shape.push(shapeOf(operation.turn))
    } else if (operation.op === "end") run.ends.push(operation)
    else if (operation.op === "update") run.updates.push(operation)
    else if (operation.op === "progress") run.progress.push(operation)
    else run.waits.push(operation)
  }
  return [...runs.values()]
}

function shapeOf(turn: DialectTurn): string {
  const failed = turn.error === undefined ? "" : "!"
  if (turn.kind === "model") return `model${failed}`
  const name = turn.tool ?? String(turn.attributes?.agent ?? turn.event ?? "")
  return `${turn.kind} ${name}${failed}`
}

/** Returns the only run. Throws if there isn't exactly one. */
export function onlyRun(runs: readonly ReplayedRun[]): ReplayedRun {
  const [run] = runs
  if (run === undefined || runs.length > 1) throw new Error(`${runs.length} runs`)
  return run
}
