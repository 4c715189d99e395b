import type { Step } from "@/lib/dialects/traces/Step"
import { resultText } from "@/lib/dialects/traces/turns/results"
import { hasPrefix, pickText } from "./attributes"
import { adk } from "./conventions/adk"
import { aiSdk } from "./conventions/aiSdk"
import type { Convention } from "./conventions/Convention"
import { claudeCode, claudeCodeParts } from "./conventions/claudeCode"
import { geminiCli } from "./conventions/geminiCli"
import { genAi } from "./conventions/genAi"
import { langfuse } from "./conventions/langfuse"
import { langSmithSpan } from "./conventions/langSmithSpan"
import { mastra } from "./conventions/mastra"
import { openInference } from "./conventions/openInference"
import { sessionOf } from "./conventions/sessionOf"
import { traceloop } from "./conventions/traceloop"
import type { OtelReading } from "./OtelReading"
import type { OtelSpan } from "./OtelRecord"
import { senderOf } from "./sender"
import { spanError } from "./spanError"
import { usageOf } from "./usage"

/** In order of preference. Several may match: spans of Langfuse and LangSmith also have `gen_ai.*` attributes. */
const CONVENTIONS: readonly Convention[] = [
  claudeCode,
  geminiCli,
  langSmithSpan,
  langfuse,
  openInference,
  aiSdk,
  adk,
  mastra,
  traceloop,
  genAi,
]

const AI_PREFIXES = ["gen_ai.", "langsmith.", "mastra.", "claude_code."]
const INTERNAL_SCOPES = /^codex/

/** Converts a span to a step of a run. Spans of unknown conventions are context. */
export function readSpan(span: OtelSpan): OtelReading {
  const sender = senderOf(span)
  const base: Step = {
    trace: span.traceId,
    id: span.spanId,
    role: "context",
    name: span.name,
    start: span.start,
    end: span.end,
  }
  if (span.parentId !== undefined) base.parent = span.parentId
  if (span.parentIsRemote) base.parentIsRemote = true
  const reading = CONVENTIONS.reduce<ReturnType<Convention>>(
    (found, convention) => found ?? convention(span),
    undefined,
  )
  if (reading === undefined) {
    if (isAi(span)) base.role = "chain"
    const error = spanError(span)
    if (error !== undefined) base.error = error
    return { step: { step: base, sender } }
  }
  const step: Step = { ...base, ...reading }
  addCommon(step, span)
  if (span.attributes["logfire.span_type"] === "pending_span")
    return { step: { step: asPending(step, span), sender } }
  return { step: { step, sender }, parts: claudeCodeParts(span) }
}

function isAi(span: OtelSpan): boolean {
  return (
    !INTERNAL_SCOPES.test(span.origin.scope) &&
    AI_PREFIXES.some((prefix) => hasPrefix(span.attributes, prefix))
  )
}

function addCommon(step: Step, span: OtelSpan): void {
  const { attributes } = span
  const usage = usageOf(attributes)
  if (usage !== undefined) {
    if (step.role === "model" || step.role === "tool") step.model = { usage, ...step.model }
    else step.usage ??= usage
  }
  const error = spanError(span)
  if (error !== undefined) step.error = withResultText(error, step)
  const session = sessionOf(span)
  if (session !== undefined) step.session = session
  const conversation = pickText(attributes, "gen_ai.conversation.id", "session.id") ?? session
  if (conversation !== undefined) step.conversation = conversation
  const agent = pickText(attributes, "gen_ai.agent.name")
  if (agent !== undefined && step.role !== "tool") step.agentName ??= agent
}

/** Uses the tool's result as the message of an error that has none. */
function withResultText(error: NonNullable<Step["error"]>, step: Step): NonNullable<Step["error"]> {
  const text = resultText(step.tool?.result)
  return text !== undefined && error.message === (error.type ?? error.message) && /^\w+$/.test(error.message)
    ? { ...error, message: text, type: error.type ?? error.message }
    : error
}

/** Returns the running step that Logfire announces with a zero-length span, whose parent is the announced span. */
function asPending(step: Step, span: OtelSpan): Step {
  const pending: Step = { ...step }
  delete pending.end
  delete pending.error
  pending.id = span.parentId ?? span.spanId
  delete pending.parent
  const parent = pickText(span.attributes, "logfire.pending_parent_id")
  if (parent !== undefined && !/^0+$/.test(parent)) pending.parent = parent
  return pending
}
