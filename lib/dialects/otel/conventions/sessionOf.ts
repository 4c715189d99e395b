import { asText } from "@/lib/dialects/json"
import { pick } from "@/lib/dialects/otel/attributes"
import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"

/** Attribute names of the session, in order of preference. */
const SESSION_NAMES = [
  "session.id",
  "gen_ai.conversation.id",
  "ai.telemetry.metadata.sessionId",
  "ai.settings.context.sessionId",
  "mastra.metadata.sessionId",
  "langsmith.metadata.thread_id",
  "gcp.vertex.agent.session_id",
  "group_id",
] as const

/** Returns a span's session id, from the first of these attributes that is set. */
export function sessionOf(span: Pick<OtelSpan, "attributes">): string | undefined {
  const value = pick(span.attributes, ...SESSION_NAMES)
  return value === undefined ? undefined : asText(String(value))
}
