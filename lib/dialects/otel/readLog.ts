import { asObject, asText } from "@/lib/dialects/json"
import type { Message } from "@/lib/dialects/messages/Message"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { readContent } from "@/lib/dialects/messages/readParts"
import type { ModelCall, Step } from "@/lib/dialects/traces/Step"
import { pick, pickText } from "./attributes"
import { claudeCodeLog } from "./conventions/claudeCode"
import { codexLog } from "./conventions/codexLogs"
import { genAiCall } from "./conventions/genAi"
import { qwenLog } from "./conventions/qwenLogs"
import { sessionOf } from "./conventions/sessionOf"
import { loggedException } from "./loggedException"
import type { OtelReading } from "./OtelReading"
import type { OtelLog, OtelSpan } from "./OtelRecord"
import { senderOf } from "./sender"

/** Reads a log record: a message of a model call, a coding agent's event, or an exception. Ignores all others. */
export function readLog(log: OtelLog): OtelReading {
  const reading = readEvent(log)
  if (reading.parts !== undefined || reading.prompt !== undefined || reading.step !== undefined)
    return reading
  const exception = loggedException(log)
  return exception === undefined ? {} : { exception }
}

function readEvent(log: OtelLog): OtelReading {
  const name = eventName(log)
  if (name === undefined) return {}
  const service = asText(log.origin.resource["service.name"]) ?? ""
  if (name.startsWith("claude_code.") || service === "claude-code")
    return claudeCodeLog(log, name.replace(/^claude_code\./, "")) ?? {}
  if (name.startsWith("codex.")) return codexLog(log, name.slice("codex.".length)) ?? {}
  if (/^(gemini_cli|qwen-code)\.user_prompt$/.test(name)) return promptOf(log)
  if (name.startsWith("qwen-code.")) return qwenLog(log, name.slice("qwen-code.".length))
  if (name.startsWith("gen_ai.")) return genAiLog(log, name)
  return {}
}

function eventName(log: OtelLog): string | undefined {
  const name = asText(log.attributes["event.name"]) ?? asText(log.name)
  return name ?? (typeof log.body === "string" && /^[\w.-]{1,80}$/.test(log.body) ? log.body : undefined)
}

function promptOf(log: OtelLog): OtelReading {
  const sender = senderOf(log)
  if (sender.sessionKey === undefined) return {}
  return { prompt: { sender, trace: "", at: log.time, text: pickText(log.attributes, "prompt") } }
}

/** Reads a message of a model call from a log record that names the call's span. */
function genAiLog(log: OtelLog, name: string): OtelReading {
  if (log.traceId === undefined || log.spanId === undefined) return {}
  const isWhole = name === "gen_ai.client.inference.operation.details"
  const model = isWhole ? detailsOf(log) : messageOf(log, name)
  if (model === undefined) return {}
  const fallback: Step = {
    trace: log.traceId,
    id: log.spanId,
    // A placeholder, because only the span itself says what its parent is.
    parent: `${log.spanId}:parent`,
    role: "model",
    name: "chat",
    start: log.time,
    end: log.time,
    model: {},
  }
  const session = sessionOf(log)
  const part = {
    sender: senderOf(log),
    trace: log.traceId,
    key: `span:${log.spanId}`,
    at: log.time,
    model,
    fallback,
    isPiece: !isWhole,
  }
  return { parts: [session === undefined ? part : { ...part, session }] }
}

function messageOf(log: OtelLog, name: string): ModelCall | undefined {
  const body = asObject(log.body) ?? log.attributes
  if (name === "gen_ai.choice") {
    const choice = asObject(body.message) ?? body
    const output = readMessages(
      [{ role: "assistant", ...choice, content: choice.content ?? null }] as never,
      "assistant",
    )
    const finish = asText(body.finish_reason)
    return finish === undefined ? { output } : { output, finish }
  }
  const role = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(name)?.[1]
  if (role === undefined) return undefined
  if (role === "tool")
    return {
      input: readMessages([{ ...body, role, tool_call_id: body.id ?? body.tool_call_id ?? null }] as never),
    }
  const calls = readMessages([{ role, content: null, tool_calls: body.tool_calls ?? [] }] as never)
  const parts = [...readContent(body.content), ...calls.flatMap((message) => message.parts)]
  return { input: [{ role: role as Message["role"], parts }] }
}

function detailsOf(log: OtelLog): ModelCall | undefined {
  const attributes = { ...log.attributes, ...asObject(log.body) }
  if (pick(attributes, "gen_ai.input.messages", "gen_ai.output.messages") === undefined) return undefined
  const span: OtelSpan = {
    type: "span",
    origin: log.origin,
    traceId: "",
    spanId: "",
    name: "",
    kind: 0,
    start: 0n,
    end: 0n,
    attributes,
    events: [],
    status: 0,
  }
  const { input, output, finish, responseId } = genAiCall(span)
  return {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(finish === undefined ? {} : { finish }),
    ...(responseId === undefined ? {} : { responseId }),
  }
}
