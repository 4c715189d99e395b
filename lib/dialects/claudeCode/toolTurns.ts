import { asArray, asNumber, asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, Operation, RunKey } from "@/lib/dialects/operations"
import type { SessionIdentity } from "@/lib/dialects/session"
import { asTime, msBetween } from "@/lib/dialects/times"
import type { Json } from "@/lib/protocol/fields"
import { type Denial, denialInText } from "./denial"
import type { ClaudeCodeState } from "./state"
import { contentText } from "./texts"

/** Builds the turn of a finished call, and the end of the sub-agent that it started, if any. */
export function takeResult(
  state: ClaudeCodeState,
  identity: SessionIdentity,
  record: JsonObject,
  block: JsonObject,
): { turn: DialectTurn; child: Operation[] } {
  const id = asText(block.tool_use_id) ?? ""
  const call = state.calls.get(id)
  state.calls.delete(id)
  const at = asTime(record.timestamp)
  const text = contentText(block.content)
  const failed = block.is_error === true
  const denial = denialOf(record, text, failed)
  const child = childOf(identity, record)
  const turn = defined<DialectTurn>({
    kind: child === undefined ? "tool" : "agent",
    tool: call?.name ?? "tool",
    parameters: call?.input as Json | undefined,
    output: text,
    call_id: id,
    started_at: call?.at ?? at,
    duration_ms: msBetween(call?.at, at),
    exit_code: exitCode(record, text, failed),
    error: failed
      ? defined<NonNullable<DialectTurn["error"]>>({ message: text, type: errorType(record) })
      : undefined,
    policy_rejected: denial === undefined ? undefined : true,
    attributes: denial === undefined ? undefined : { denied_by: denial },
    child,
  })
  return { turn, child: child === undefined ? [] : endOfChild(child, record, at) }
}

function childOf(identity: SessionIdentity, record: JsonObject): RunKey | undefined {
  const agent = asText(asObject(record.toolUseResult)?.agentId)
  return agent === undefined ? undefined : `claude-code:${identity.session}/${agent}`
}

/** Ends a foreground sub-agent when its result arrives. A background sub-agent continues. */
function endOfChild(key: RunKey, record: JsonObject, at: string | undefined): Operation[] {
  const result = asObject(record.toolUseResult)
  if (result?.status !== "completed") return []
  return [defined<Operation>({ op: "end", key, status: "done", ended_at: at })]
}

/** Returns who refused the call. In older versions, only the text says so. */
function denialOf(record: JsonObject, text: string, failed: boolean): Denial | undefined {
  const kind = asText(record.toolDenialKind)
  const decision = asObject(record.permissionDecision)
  if (kind === "interrupted") return undefined
  if (kind === undefined && decision?.decision !== "reject") return failed ? denialInText(text) : undefined
  if (kind?.includes("hook") || decision?.source === "hook") return "hook"
  if (kind?.includes("rule")) return "rule"
  // Refused by the configuration, although the kind says `user`: there was nobody to ask.
  if (decision?.decision === "reject" && asText(decision.source)?.startsWith("user") !== true) return "policy"
  return kind === undefined || kind.includes("user") || asText(decision?.source)?.startsWith("user")
    ? "user"
    : "policy"
}

function errorType(record: JsonObject): string | undefined {
  return record.toolDenialKind === "interrupted" ? "interrupted" : undefined
}

function exitCode(record: JsonObject, text: string, failed: boolean): number | undefined {
  const stated = asNumber(asObject(record.toolUseResult)?.exitCode)
  if (stated !== undefined) return stated
  const code = failed ? /^Exit code (\d+)/.exec(text)?.[1] : undefined
  return code === undefined ? undefined : Number(code)
}

/** Returns the tool results in a user record. */
export function resultBlocks(record: JsonObject): JsonObject[] {
  const content = asArray(asObject(record.message)?.content)
  return content
    .map(asObject)
    .filter((block): block is JsonObject => block !== undefined && block.type === "tool_result")
}

/** Returns a user record without its tool results: what the user has added to them, if anything. */
export function withoutResults(record: JsonObject): JsonObject {
  const message = asObject(record.message)
  const content = asArray(message?.content).filter((block) => asObject(block)?.type !== "tool_result")
  return { ...record, message: { ...message, content } }
}
