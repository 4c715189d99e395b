import { createHash } from "node:crypto"
import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { cutText } from "@/lib/agent/turn/cutText"
import { prepareProgress } from "@/lib/agent/turn/prepareProgress"
import { type PreparedTurn, prepareTurn } from "@/lib/agent/turn/prepareTurn"
import { shrinkTurn } from "@/lib/agent/turn/shrinkTurn"
import type { DialectProgress, DialectTurn, StartOperation, WaitOperation } from "@/lib/dialects/operations"
import type { CommandInput } from "@/lib/protocol/catalog"
import { DEFAULT_LIMITS, LIMITS } from "@/lib/protocol/limits"

type Progress = NonNullable<CommandInput<"runs.report_progress">["progress"]>

/**
 * The grace period of runs: long enough to restart the watcher or for the machine to sleep without ending the runs of
 * live sessions.
 */
const GRACE_MS = 300_000
/** The maximum size of a turn. Leaves room for the fields that the server adds. */
const MAX_TURN_BYTES = DEFAULT_LIMITS.maxTurnBytes - 8 * 1024
const MAX_KEY_CHARS = 120

/** Returns the key of a session's n-th run: `<tool>:<session>`, then `<tool>:<session>.2`, and so on. */
function runKeyOf(key: string, n: number): string {
  const whole = n === 1 ? key : `${key}.${n}`
  if (whole.length <= MAX_KEY_CHARS) return whole
  const digest = createHash("sha256").update(whole).digest("hex").slice(0, 32)
  return `${whole.slice(0, MAX_KEY_CHARS - 33)}.${digest}`
}

export type RunReferences = { parent: string | undefined; continues: string | undefined }

/** Returns the payload that starts a session's n-th run. */
export function startPayload(
  start: StartOperation,
  n: number,
  { parent, continues }: RunReferences,
): CommandInput<"runs.start"> {
  const { agent_id, agent_name, intent, labels, started_at, source } = start
  const payload = {
    idempotency_key: runKeyOf(start.key, n),
    agent_id: agent_id.slice(0, LIMITS.agentIdChars),
    intent: cutText(intent, LIMITS.intentBytes),
    source,
    grace_ms: GRACE_MS,
    ...(agent_name === undefined ? {} : { agent_name: cutText(agent_name, LIMITS.nameBytes) }),
    ...(labels === undefined ? {} : { labels: labelsOf(labels) }),
    ...(started_at === undefined ? {} : { started_at }),
    ...(parent === undefined ? {} : { parent: { run_id: parent } }),
    ...(continues === undefined ? {} : { continues: { run_id: continues } }),
  }
  return payload
}

export function labelsOf(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      cutText(name, LIMITS.labelBytes),
      cutText(value, LIMITS.labelBytes),
    ]),
  )
}

/** Prepares a turn for sending. If `content` is false, the turn only says what happened, when, and how long it took. */
export function turnPayload(turn: DialectTurn, content: boolean): PreparedTurn {
  const { child: _, ...fields } = content ? turn : withoutContent(turn)
  const prepared = prepareTurn(fields as AgentTurn)
  return prepared.bytes > MAX_TURN_BYTES ? shrinkTurn(prepared, MAX_TURN_BYTES) : prepared
}

function withoutContent(turn: DialectTurn): DialectTurn {
  const { prompt: _p, message: _m, thinking: _t, parameters: _a, output: _o, error, ...rest } = turn
  return error === undefined ? rest : { ...rest, error: { ...error, message: "[content left out]" } }
}

/** Returns a run's progress: its current activity, and what it is waiting for. */
export function progressPayload(
  progress: DialectProgress | null,
  waiting: WaitOperation["waiting"],
  content: boolean,
): Progress | null {
  if (progress === null && waiting === null) return null
  const { parameters, prompt, text, ...outside } = progress ?? {}
  return prepareProgress({
    ...outside,
    ...(content && { parameters, prompt, text }),
    ...(waiting !== null && {
      waiting_for: content || waiting.kind === "prompt" ? waiting.for : waiting.kind,
      waiting_kind: waiting.kind,
    }),
  })
}
