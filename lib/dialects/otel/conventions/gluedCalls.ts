import { limitDepth } from "@/lib/dialects/limitDepth"
import type { CallPart, Message, Part } from "@/lib/dialects/messages/Message"
import type { Json } from "@/lib/protocol/fields"

/**
 * Splits parallel calls that an instrumentation concatenated while streaming: the name `run_testsread_file` with the
 * arguments `{…}{…}`. Only done if the parts are names of available tools.
 */
export function splitGluedCalls(messages: Message[], toolNames: readonly string[]): Message[] {
  return messages.map((message) => ({
    ...message,
    parts: message.parts.flatMap((part): Part[] =>
      part.type === "call" ? splitCall(part, toolNames) : [part],
    ),
  }))
}

function splitCall(call: CallPart, toolNames: readonly string[]): CallPart[] {
  if (toolNames.includes(call.name) || typeof call.arguments !== "string") return [call]
  const values = splitValues(call.arguments)
  if (values === undefined || values.length < 2) return [call]
  const names = splitName(call.name, values.length, toolNames, { left: 10_000 })
  if (names === undefined) return [call]
  const ids = call.id?.split(/(?=call_|toolu_)/) ?? []
  return names.map((name, index) => {
    const part: CallPart = { type: "call", name, arguments: values[index] ?? null }
    const id = ids.length === names.length ? ids[index] : undefined
    return id === undefined ? part : { ...part, id }
  })
}

/** Splits `{…}{…}` into its values. Returns undefined for anything else. */
function splitValues(text: string): Json[] | undefined {
  const values: Json[] = []
  let depth = 0
  let start = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (inString) {
      if (char === "\\") index++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === "{") depth++
    else if (char === "}" && --depth === 0) {
      try {
        values.push(limitDepth(JSON.parse(text.slice(start, index + 1)) as Json))
      } catch {
        return undefined
      }
      start = index + 1
    }
  }
  return text.slice(start).trim() === "" ? values : undefined
}

/**
 * Splits a name into `count` tool names. `tries` bounds the search, which could be exponential if some names are
 * prefixes of others.
 */
function splitName(
  name: string,
  count: number,
  toolNames: readonly string[],
  tries: { left: number },
): string[] | undefined {
  if (count === 0) return name === "" ? [] : undefined
  if (count > 64 || tries.left-- <= 0) return undefined
  for (const tool of toolNames) {
    if (tool === "" || !name.startsWith(tool)) continue
    const rest = splitName(name.slice(tool.length), count - 1, toolNames, tries)
    if (rest !== undefined) return [tool, ...rest]
  }
  return undefined
}
