import { type Denial, denialInText } from "@/lib/dialects/claudeCode/denial"
import { asNumber, asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, RunKey } from "@/lib/dialects/operations"
import { isDuration } from "@/lib/dialects/times"
import type { Json } from "@/lib/protocol/fields"
import type { HookRun } from "./HookRun"
import { period } from "./hookOperations"

/** Builds the turn of a call that has ended, successfully or not. */
export function callTurn(run: HookRun, session: string, event: JsonObject, at: ForeignTime): DialectTurn {
  const id = asText(event.tool_use_id) ?? ""
  const call = run.calls.get(id)
  const ms = durationOf(event)
  const failure = event.hook_event_name === "PostToolUseFailure" ? failureOf(event) : undefined
  const child = childOf(session, event.tool_response)
  return defined<DialectTurn>({
    kind: child === undefined ? "tool" : "agent",
    tool: asText(event.tool_name) ?? call?.name ?? "tool",
    parameters: (event.tool_input ?? call?.input) as Json | undefined,
    output: failure === undefined ? outputOf(event.tool_response) : failure.message,
    call_id: id,
    started_at: call?.at ?? startOf(at, ms),
    duration_ms: ms,
    exit_code: failure === undefined ? undefined : exitCodeOf(failure.message),
    error: failure,
    child,
  })
}

/**
 * Builds the turn of a call that is only known from the event that lists an answer's calls: the call was refused, or
 * the event with its result was lost.
 */
export function listedTurn(run: HookRun, session: string, call: JsonObject, at: ForeignTime): DialectTurn {
  const message = asText(call.tool_response) ?? ""
  const denied_by = denialInText(message)
  if (denied_by !== undefined) return refusedTurn(run, call, { message, denied_by }, at)
  if (exitCodeOf(message) === undefined) return callTurn(run, session, call, at)
  return callTurn(run, session, { ...call, hook_event_name: "PostToolUseFailure", error: message }, at)
}

function refusedTurn(
  run: HookRun,
  call: JsonObject,
  { message, denied_by }: { message: string; denied_by: Denial },
  at: ForeignTime,
): DialectTurn {
  const id = asText(call.tool_use_id) ?? ""
  return defined<DialectTurn>({
    kind: "tool",
    tool: asText(call.tool_name) ?? "tool",
    parameters: call.tool_input as Json | undefined,
    output: message,
    call_id: id,
    ...period(run.calls.get(id)?.at ?? at, at),
    error: { message },
    policy_rejected: true,
    attributes: { denied_by },
  })
}

function failureOf(event: JsonObject): NonNullable<DialectTurn["error"]> {
  const message = asText(event.error) ?? "The call failed"
  return event.is_interrupt === true ? { message, type: "interrupted" } : { message }
}

function exitCodeOf(message: string): number | undefined {
  const code = /^Exit code (\d+)/.exec(message)?.[1]
  return code === undefined ? undefined : Number(code)
}

function childOf(session: string, response: unknown): RunKey | undefined {
  const agent = asText(asObject(response)?.agentId)
  return agent === undefined ? undefined : `claude-code:${session}/${agent}`
}

/** Returns what a command printed. Other results are returned unchanged. */
function outputOf(response: unknown): Json | undefined {
  const result = asObject(response)
  const printed = [asText(result?.stdout), asText(result?.stderr)].filter((text) => text !== undefined)
  if (typeof result?.stdout === "string") return printed.join("\n")
  return response as Json | undefined
}

function durationOf(event: JsonObject): number | undefined {
  const ms = asNumber(event.duration_ms)
  return ms !== undefined && isDuration(ms) ? ms : undefined
}

function startOf(at: ForeignTime, ms: number | undefined): ForeignTime {
  return ms === undefined ? at : new Date(Date.parse(at) - ms).toISOString()
}
