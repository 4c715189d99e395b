import { asArray, asObject, asText, type JsonObject } from "@/lib/dialects/json"
import type { SessionIdentity } from "@/lib/dialects/session"

/** Tools that store sessions in files. */
export type SessionTool = "claude-code" | "codex" | "gemini-cli" | "qwen-code" | "pi"

/** The format of a file. `identity` identifies the session in the file. */
export type ImportFormat =
  | { name: "turnline" | "otlp" | "langsmith" | "openai-agents" }
  | { name: SessionTool; identity: SessionIdentity }

/** Detects from a file's first records which tool wrote it. Returns undefined if no known tool did. */
export function detectFormat(records: readonly unknown[]): ImportFormat | undefined {
  const objects = records.map(asObject).filter((object) => object !== undefined)
  const [first] = objects
  if (first === undefined) return undefined
  if (first.record !== undefined || asArray(first.records).length > 0) return { name: "turnline" }
  if (OTLP_KEYS.some((key) => Array.isArray(first[key]))) return { name: "otlp" }
  if (first.object === "trace" || first.object === "trace.span") return { name: "openai-agents" }
  if (asText(first.run_type) !== undefined) return { name: "langsmith" }
  return codex(first) ?? gemini(first) ?? pi(first) ?? withSessionIds(objects)
}

const OTLP_KEYS = ["resourceSpans", "resource_spans", "resourceLogs", "resource_logs"]

function codex(first: JsonObject): ImportFormat | undefined {
  if (first.type !== "session_meta") return undefined
  const session = asText(asObject(first.payload)?.id)
  return session === undefined ? undefined : { name: "codex", identity: { key: `codex:${session}`, session } }
}

function gemini(first: JsonObject): ImportFormat | undefined {
  const session = asText(first.sessionId)
  if (session === undefined || asText(first.projectHash) === undefined) return undefined
  return { name: "gemini-cli", identity: { key: `gemini-cli:${session}`, session } }
}

function pi(first: JsonObject): ImportFormat | undefined {
  const session = asText(first.id)
  if (first.type !== "session" || session === undefined) return undefined
  return { name: "pi", identity: { key: `pi:${session}`, session } }
}

/**
 * Detects a session of Claude Code or Qwen Code. Both write the session's id into each record, but their messages
 * differ.
 */
function withSessionIds(objects: readonly JsonObject[]): ImportFormat | undefined {
  const record = objects.find(({ sessionId }) => asText(sessionId) !== undefined)
  const session = asText(record?.sessionId)
  const isQwen = objects.some(({ message }) => Array.isArray(asObject(message)?.parts))
  const isClaude = objects.some(
    ({ message, type }) => type === "queue-operation" || asObject(message)?.content !== undefined,
  )
  if (session === undefined || (!isQwen && !isClaude)) return undefined
  const name = isQwen ? "qwen-code" : "claude-code"
  const key = `${name}:${session}`
  const agent = objects.map(({ agentId }) => asText(agentId)).find((id) => id !== undefined)
  if (agent === undefined || record?.isSidechain === false) return { name, identity: { key, session } }
  return { name, identity: { key: `${key}/${agent}`, session, agent, parent: key } }
}
