import {
  asArray,
  asNumber,
  asObject,
  asText,
  compact,
  defined,
  type JsonObject,
  parseJson,
} from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime } from "@/lib/dialects/operations"
import { asTime, msBetween } from "@/lib/dialects/times"
import type { Json } from "@/lib/protocol/fields"
import type { CodexState, OpenCall } from "./state"
import { contentText } from "./texts"

type Denial = "user" | "hook" | "policy"

/** Returns a call's name and arguments. */
export function callOf(payload: JsonObject): { name: string; parameters: unknown } {
  const type = asText(payload.type) ?? ""
  const name = asText(payload.name) ?? (type.replace(/_call$/, "") || "tool")
  const given = payload.arguments ?? payload.action
  if (typeof given === "string") return { name, parameters: parseJson(given) }
  if (given !== undefined) return { name, parameters: given }
  return { name, parameters: payload.input === undefined ? undefined : { input: payload.input } }
}

/** Builds the turn of a call that has an output. */
export function resultTurn(
  state: CodexState,
  call: OpenCall | undefined,
  payload: JsonObject,
  at: ForeignTime | undefined,
): DialectTurn {
  const { text, exitCode: stated, failed } = outputOf(payload.output)
  const item = call?.item
  const aborted = /^aborted by user/.test(text)
  const denial = denialOf(state, call, text, aborted)
  const exitCode = asNumber(item?.exit_code) ?? stated
  const broken =
    failed || aborted || denial !== undefined || (item?.status === "failed" && exitCode === undefined)
  return defined<DialectTurn>({
    kind: call?.child === undefined ? "tool" : "agent",
    tool: call?.name ?? "tool",
    parameters: call?.parameters as Json | undefined,
    output: text,
    call_id: asText(payload.call_id),
    started_at: call?.at ?? at,
    duration_ms: msBetween(call?.at, at),
    exit_code: exitCode,
    error: broken
      ? defined<NonNullable<DialectTurn["error"]>>({
          message: text || "The call failed",
          type: aborted && denial === undefined ? "interrupted" : undefined,
        })
      : undefined,
    policy_rejected: denial === undefined ? undefined : true,
    attributes: denial === undefined ? undefined : { denied_by: denial },
    child: call?.child,
  })
}

/** Reads an output's text in the formats of several versions, and whether it reports a failure. */
function outputOf(output: unknown): { text: string; exitCode: number | undefined; failed: boolean } {
  const object = asObject(output) ?? asObject(typeof output === "string" ? parseJson(output) : undefined)
  const metadata = asObject(object?.metadata)
  const inner = object?.output ?? object?.content
  const wrapped = object !== undefined && (metadata !== undefined || object.success !== undefined)
  const text = contentText(
    wrapped ? inner : typeof output === "object" && object ? JSON.stringify(object) : output,
  )
  const exitCode = asNumber(metadata?.exit_code) ?? exitCodeIn(text)
  const failed =
    object?.success === false || /^(Script failed|exec_command failed|execution error)/.test(text)
  return { text, exitCode, failed }
}

function exitCodeIn(text: string): number | undefined {
  const head = text.slice(0, 400).split("\nOutput:")[0] ?? ""
  const code = /^(?:Process exited with code|Exit code:) (-?\d+)$/m.exec(head)?.[1]
  return code === undefined ? undefined : Number(code)
}

/** Returns who refused the call, or undefined if it wasn't refused. Only the output's text reveals this. */
function denialOf(
  state: CodexState,
  call: OpenCall | undefined,
  text: string,
  aborted: boolean,
): Denial | undefined {
  if (aborted) return wasAsked(state, call) ? "user" : undefined
  const start = text.slice(0, 300)
  if (/approval policy is \w+; reject/i.test(start)) return "policy"
  if (
    /^(Command|Tool call|Patch)?\s*blocked by \w+ hook/i.test(start) ||
    /blocked by PreToolUse hook/.test(start)
  )
    return "hook"
  if (/(rejected|denied|declined) by (the )?user/i.test(start)) return "user"
  return undefined
}

/** Returns true if the user was asked before this call ran. If so, an aborted call was refused, not interrupted. */
function wasAsked(state: CodexState, call: OpenCall | undefined): boolean {
  if (call?.item !== undefined || state.approvalPolicy === "never") return false
  return (
    state.approvalPolicy === "untrusted" ||
    JSON.stringify(call?.parameters ?? "").includes("require_escalated")
  )
}

/** Builds the separate turn of a command or file change that the model ran from within a script. */
export function itemTurn(item: JsonObject, payload: JsonObject): DialectTurn {
  const start = asTime(payload.started_at_ms)
  const end = asTime(payload.completed_at_ms)
  const exitCode = asNumber(item.exit_code)
  const broken = item.status === "failed" && exitCode === undefined
  const change = item.type === "FileChange"
  const output = change ? asText(item.stdout) : (asText(item.aggregated_output) ?? "")
  return defined<DialectTurn>({
    kind: "tool",
    tool: change ? "apply_patch" : "exec_command",
    parameters: change ? { changes: (item.changes ?? {}) as Json } : commandOf(item),
    output,
    call_id: asText(item.id),
    started_at: start,
    duration_ms: durationOf(item) ?? msBetween(start, end),
    exit_code: exitCode,
    error: broken ? { message: asText(item.stderr) ?? output ?? "The call failed" } : undefined,
    policy_rejected: item.status === "declined" ? true : undefined,
    path: ["exec"],
  })
}

function commandOf(item: JsonObject): { [key: string]: Json } {
  const [parsed] = asArray(item.parsed_cmd)
  const words = asArray(item.command)
  const cmd = asText(asObject(parsed)?.cmd) ?? asText(words.at(-1)) ?? asText(item.command)
  return compact<Json>({ cmd, workdir: asText(item.cwd)?.replace(/^file:\/\//, "") })
}

function durationOf(item: JsonObject): number | undefined {
  const duration = asObject(item.duration)
  const secs = asNumber(duration?.secs)
  return secs === undefined ? undefined : Math.round(secs * 1000 + (asNumber(duration?.nanos) ?? 0) / 1e6)
}
