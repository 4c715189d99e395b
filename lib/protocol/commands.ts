import { z } from "zod"
import { OUTCOME_STATUSES, RUN_SORTS, RUN_STATUSES, SORT_ORDERS, TURN_KINDS, WAITING_KINDS } from "./enums"
import {
  agentId,
  count,
  idempotencyKey,
  isoTime,
  json,
  labels,
  name,
  relativeTime,
  runId,
  text,
} from "./fields"
import { LIMITS } from "./limits"
import { agentOutcome, parentRef, runRef, runSource } from "./run"
import { turnInput } from "./turn"

const runOnly = z.object({ run_id: runId })

/** Starts a run, or takes over an existing one if only `run_id` is given. */
export const startRun = z.union([
  runOnly,
  z.object({
    run_id: z.undefined().optional(),
    intent: text(LIMITS.intentBytes),
    agent_id: agentId.optional(),
    agent_name: name.optional(),
    outcome_description: text(LIMITS.noteBytes).optional(),
    idempotency_key: idempotencyKey.optional(),
    parent: parentRef.optional(),
    labels: labels.optional(),
    /** For imports and foreign traces. Default: now. */
    started_at: isoTime.optional(),
    source: runSource.optional(),
    /** The run whose work this one resumes. */
    continues: runRef.optional(),
    /** How long the run waits for a disconnected agent. Default: the server's setting. */
    grace_ms: z.int().min(LIMITS.minGraceMs).max(LIMITS.maxGraceMs).optional(),
  }),
])

/** Changes the descriptive fields of a run in progress. Labels are merged; an empty value removes a label. */
export const updateRun = z.object({
  run_id: runId,
  intent: text(LIMITS.intentBytes).optional(),
  agent_name: name.optional(),
  outcome_description: text(LIMITS.noteBytes).optional(),
  labels: labels.optional(),
})

/** Omitted fields keep their values. `text` replaces the text, then `text_delta` is appended. */
const progressInput = z.object({
  kind: name.optional(),
  tool: name.optional(),
  parameters: json.optional(),
  model: name.optional(),
  prompt: z.string().optional(),
  text: z.string().optional(),
  text_delta: z.string().optional(),
  started_at: isoTime.optional(),
  waiting_for: text(LIMITS.noteBytes).optional(),
  waiting_kind: z.enum(WAITING_KINDS).optional(),
})
export type ProgressInput = z.infer<typeof progressInput>

export const recordTurns = z.object({
  run_id: runId,
  turns: z.array(turnInput).min(1).max(LIMITS.turnsPerBatch),
  idempotency_key: idempotencyKey.optional(),
  expected_index: count.optional(),
  /** Takes effect once the turns are stored; null clears it. Omitted fields are cleared. */
  progress: progressInput.nullable().optional(),
})

export const reportProgress = z.object({
  run_id: runId,
  progress: progressInput.nullable(),
  /** Clears the fields that `progress` omits. */
  replace: z.boolean().optional(),
})
export const completeRun = z.object({
  run_id: runId,
  outcome: agentOutcome,
  /** The writer only assumes that the run has ended. New turns or another outcome reopen it. */
  inferred: z.boolean().optional(),
})
export const cancelRun = z.object({ run_id: runId, reason: text(LIMITS.noteBytes).optional() })
export const deleteRun = runOnly
export const subscribeRun = z.object({ run_id: runId, cursor: count.optional() })
export const unsubscribeRun = runOnly

/** Which runs a list or a watch contains. A run must match every given field. */
const runFilter = z.object({
  /** Compared exactly. A value that isn't a valid id is treated as a name. */
  agent_id: text(LIMITS.nameBytes).optional(),
  /** An agent's name, ignoring the case of ASCII letters, or its id. */
  agent: text(LIMITS.nameBytes).optional(),
  status: z.array(z.enum(RUN_STATUSES)).optional(),
  outcome: z.array(z.enum(OUTCOME_STATUSES)).optional(),
  waiting: z.literal(true).optional(),
  trouble: z.literal(true).optional(),
  /** Only runs that ended as failure, timeout or give_up, or as incomplete. */
  failed: z.literal(true).optional(),
  q: text(LIMITS.nameBytes).optional(),
  labels: labels.optional(),
  parent_run_id: runId.optional(),
  /** Started within this time: `90s`, `15m`, `1h`, `7d`, `2w`. */
  since: relativeTime.optional(),
  started_after: isoTime.optional(),
  started_before: isoTime.optional(),
  overlaps: z.object({ from: isoTime, to: isoTime }).optional(),
})
export type RunFilter = z.infer<typeof runFilter>

export const listRuns = runFilter.extend({
  failed_since: isoTime.optional(),
  /** Default: `started`, newest first. */
  sort: z.enum(RUN_SORTS).optional(),
  order: z.enum(SORT_ORDERS).optional(),
  before: z.string().max(512).optional(),
  limit: z.int().min(1).max(LIMITS.listLimit).optional(),
})
export type ListRuns = z.infer<typeof listRuns>

export const getTrace = z.object({
  run_id: runId,
  cursor: count.optional(),
  limit: z.int().min(1).max(LIMITS.traceLimit).optional(),
})
export const getTurn = z.object({ run_id: runId, index: count })
export const getOutline = z.object({
  run_id: runId,
  from: count.optional(),
  limit: z.int().min(1).max(LIMITS.outlineLimit).optional(),
})
/**
 * Searches the turns of a run. A turn must match every given filter. It matches a filter that is a list if it matches
 * any of the values.
 */
export const searchTurns = z.object({
  run_id: runId,
  /**
   * Words, and phrases in quotation marks; a turn must contain all of them. Empty: all turns that match the filters.
   */
  q: text(LIMITS.nameBytes).optional(),
  kinds: z.array(z.enum(TURN_KINDS)).optional(),
  tools: z.array(name).max(LIMITS.searchFilterValues).optional(),
  models: z.array(name).max(LIMITS.searchFilterValues).optional(),
  /** Only turns with an error. */
  errors: z.boolean().optional(),
  /** Only turns with an exit code other than 0. */
  exits: z.boolean().optional(),
  /** In US dollars, reported or estimated. */
  min_cost: z.number().min(0).optional(),
  from: count.optional(),
  limit: z.int().min(1).max(LIMITS.searchLimit).optional(),
})
export type SearchTurns = z.infer<typeof searchTurns>
export const nothing = z.object({})
