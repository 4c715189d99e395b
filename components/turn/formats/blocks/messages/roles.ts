import { type Fields, isFields, textAt } from "@/components/turn/formats/blocks/Block"

/** The names of authors in the messages of LangChain, LangChain4j, Spring AI, Letta and others. */
const NAMES: Readonly<Record<string, string>> = {
  human: "user",
  HumanMessage: "user",
  HumanMessageChunk: "user",
  ai: "assistant",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  system: "system",
  SystemMessage: "system",
  tool: "tool",
  ToolMessage: "tool",
  FunctionMessage: "function",
  USER: "user",
  AI: "assistant",
  ASSISTANT: "assistant",
  SYSTEM: "system",
  TOOL: "tool",
  TOOL_EXECUTION_RESULT: "tool",
  user_message: "user",
  assistant_message: "assistant",
  reasoning_message: "assistant",
  tool_call_message: "assistant",
  tool_return_message: "tool",
  system_message: "system",
}
const COMMON = ["user", "assistant", "system", "developer", "tool", "function", "model", "agent"]

/** Keys of a message's type, if the type names its author. */
const TYPE_KEYS = ["type", "messageType", "message_type"]
/** Keys that contain the author. */
export const ROLE_KEYS = ["role", "Role", ...TYPE_KEYS]

/** Returns the author of a message, or undefined if an object isn't a message. */
export function roleOf(fields: Fields): string | undefined {
  const { role = fields.Role } = fields
  const name = isFields(role) ? textAt(role, "value", "label", "Label")?.text : role
  if (typeof name === "string" && name !== "") return name
  for (const key of TYPE_KEYS) {
    const named = nameOf(fields[key])
    if (named !== undefined) return named
  }
  return agentOf(fields)
}

/** Returns the author that a message's type names. */
export function nameOf(type: unknown): string | undefined {
  return typeof type === "string" && Object.hasOwn(NAMES, type) ? NAMES[type] : undefined
}

/** Returns the agent that sent a message of AutoGen: `{ source, content, type: "TextMessage" }`. */
function agentOf({ source, type, content }: Fields): string | undefined {
  if (typeof source !== "string" || source === "" || content === undefined) return undefined
  return typeof type === "string" && /^[A-Z]\w*(?:Message|Event)$/.test(type) ? source : undefined
}

/** Returns true for the usual names of authors. Other objects have a `role`, too. */
export function isCommonRole(role: string): boolean {
  return COMMON.includes(role)
}
