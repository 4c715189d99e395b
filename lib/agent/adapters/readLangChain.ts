import { textOfContent } from "./adapterTarget"

export type Serialized = { id?: readonly string[]; name?: string }
export type Metadata = Record<string, unknown>
export type ChainMessage = { content?: unknown; getType?(): string; _getType?(): string }
type Generation = { text?: string; message?: ChainMessage & MessageUsage }
type MessageUsage = {
  id?: string
  usage_metadata?: object
  response_metadata?: Metadata
  tool_calls?: readonly { id?: string; name: string }[]
}
export type LLMResult = { generations: readonly (readonly Generation[])[]; llmOutput?: Metadata }

export function nameOf({ name, id }: Serialized = {}): string {
  return name ?? id?.at(-1) ?? "chain"
}

export function modelOf(
  llm: Serialized,
  extra: Metadata | undefined,
  metadata: Metadata | undefined,
): string {
  const parameters = (extra?.invocation_params ?? {}) as Metadata
  const name = metadata?.ls_model_name ?? parameters.model ?? parameters.model_name ?? nameOf(llm)
  return String(name)
}

function typeOf(message: ChainMessage): string {
  return message.getType?.() ?? message._getType?.() ?? ""
}

/**
 * Returns the messages that no earlier turn has recorded: the system messages, on the first call only, and the last
 * message if it is the user's.
 */
export function promptOf(messages: readonly ChainMessage[]): string | undefined {
  const system = messages
    .filter((message) => typeOf(message) === "system")
    .map(({ content }) => textOfContent(content))
  const newest = messages.at(-1)
  const person = newest !== undefined && typeOf(newest) === "human" ? [textOfContent(newest.content)] : []
  const isFirst = messages.every((message) => ["system", "human"].includes(typeOf(message)))
  const texts = [...(isFirst ? system : []), ...person].filter((text) => text !== undefined)
  return texts.length > 0 ? texts.join("\n\n") : undefined
}

export function personText(messages: readonly ChainMessage[]): string | undefined {
  return textOfContent(messages.findLast((message) => typeOf(message) === "human")?.content)
}

export function intentOf(inputs: unknown): string | undefined {
  if (typeof inputs === "string") return inputs
  if (typeof inputs !== "object" || inputs === null) return undefined
  const { input, question, query, messages } = inputs as Metadata
  const text = [input, question, query].find((value) => typeof value === "string")
  if (typeof text === "string") return text
  return Array.isArray(messages) ? personText(messages as ChainMessage[]) : undefined
}

export function lastText(outputs: unknown): string | undefined {
  if (typeof outputs === "string") return outputs
  if (typeof outputs !== "object" || outputs === null) return undefined
  const { output, content, messages } = outputs as Metadata
  if (Array.isArray(messages)) return textOfContent((messages.at(-1) as ChainMessage | undefined)?.content)
  return textOfContent(output ?? content)
}

export function readResult({ generations, llmOutput }: LLMResult): object {
  const generation = generations[0]?.[0]
  const message = generation?.message
  const calls = message?.tool_calls ?? []
  const finishReason = message?.response_metadata?.finish_reason ?? message?.response_metadata?.stop_reason
  return {
    message: textOfContent(message?.content) ?? generation?.text,
    usage: message?.usage_metadata ?? llmOutput?.tokenUsage,
    response_id: message?.id,
    attributes: {
      ...(finishReason !== undefined && { finish_reason: finishReason }),
      ...(calls.length > 0 && { tool_calls: calls.map(({ id, name }) => ({ id, name })) }),
    },
  }
}

/** Tools return a plain value or a ToolMessage. */
export function readToolOutput(output: unknown): object {
  if (typeof output !== "object" || output === null || !("content" in output)) return { output }
  const { content, tool_call_id, status } = output as {
    content: unknown
    tool_call_id?: string
    status?: string
  }
  return {
    ...(status === "error" ? { error: textOfContent(content) ?? content } : { output: content }),
    call_id: tool_call_id,
  }
}

export function parseInput(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}
