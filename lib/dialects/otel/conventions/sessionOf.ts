import { pick } from "@/lib/dialects/otel/attributes"
import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import { asText } from "@/lib/dialects/values"

/** In order of preference. */
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

/** The session that a span belongs to, by the first name that is set. */
export function sessionOf(span: Pick<OtelSpan, "attributes">): string | undefined {
  const value = pick(span.attributes, ...SESSION_NAMES)
  return value === undefined ? undefined : asText(String(value))
}
