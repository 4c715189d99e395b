import { pick } from "@/lib/dialects/otel/attributes"
import type { Attributes } from "@/lib/dialects/otel/OtelRecord"

const MODEL_OPERATIONS = new Set(["chat", "text_completion", "generate_content"])
const TOOL_OPERATIONS = new Set([
  "embeddings",
  "embedding",
  "rerank",
  "retrieval",
  "guardrail",
  "moderation",
  "search",
])
/**
 * Words in operation names that the conventions don't define but that stand for model calls: `acompletion`,
 * `chat.completions`, `InvokeModel`.
 */
const MODEL_WORDS = /(^|_)a?(completions?|chat|converse|responses?|messages?|generate|invoke_model)(_|$)/

/** The kind of operation that a name stands for. A `lookup` is an embedding, a retrieval or a check. */
type OperationKind = "model" | "tool" | "agent" | "lookup" | "other"

/** Returns the kind of a span's operation according to its name, or to its attributes if the name is unknown. */
export function operationKind(operation: string, attributes: Attributes): OperationKind {
  if (operation === "execute_tool") return "tool"
  if (operation === "invoke_agent" || operation === "create_agent") return "agent"
  if (MODEL_OPERATIONS.has(operation)) return "model"
  if (TOOL_OPERATIONS.has(operation)) return "lookup"
  const words = operation
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z]+/g, "_")
    .toLowerCase()
  return MODEL_WORDS.test(words) && isModelCall(attributes) ? "model" : "other"
}

/** Returns true if a span has attributes of a model call. */
export function isModelCall(attributes: Attributes): boolean {
  return (
    pick(
      attributes,
      "gen_ai.usage.input_tokens",
      "gen_ai.usage.output_tokens",
      "gen_ai.request.model",
      "gen_ai.response.model",
      "gen_ai.prompt.0.content",
      "gen_ai.input.messages",
    ) !== undefined
  )
}
