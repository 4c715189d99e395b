/** How much of a JSON string is searched, at its start or at its end. */
const MAX_SEARCHED_CHARS = 4_000
const MAX_VISITED = 200

/** Matches the text of messages, content blocks and responses. `CALL` matches the tool's name in a call. */
const WORDS =
  /"(?:content|text|output_text|refusal|transcript|answer|message|prompt|query)"\s*:\s*"((?:[^"\\]|\\.){1,2000})/g
const CALL = /"(?:name|toolName|tool_name)"\s*:\s*"((?:[^"\\]|\\.){1,200})"/g
const WORD_KEYS = [
  "content",
  "text",
  "output_text",
  "refusal",
  "audio",
  "transcript",
  "answer",
  "message",
  "parts",
  "output",
  "choices",
  // Containers in the messages and responses of other providers and frameworks.
  ...[
    "candidates",
    "messages",
    "contents",
    "outputs",
    "blocks",
    "items",
    "Items",
    "Text",
    "response",
    "result",
  ],
  ...["artifacts", "citationsContent", "value"],
]

/** Returns true if a string is JSON rather than prose. */
export function isJsonText(text: string): boolean {
  return /^\s*(?:\[\s*[[{"]|\{\s*")/.test(text)
}

/**
 * Returns the text in a model's input or output: the string itself, or the text of messages, blocks or a response. With
 * `last`, returns the last of several pieces of text, because a prompt ends with its new part. Undefined if there is
 * none. Reads only a limited part of the value. Also reads JSON that was cut.
 */
export function spokenText(value: unknown, last = false): string | undefined {
  if (typeof value === "string") return isJsonText(value) ? wordsInJson(value, last) : value
  return typeof value === "object" && value !== null ? wordsInObject(value) : undefined
}

function wordsInJson(json: string, last: boolean): string | undefined {
  const part = last ? json.slice(-MAX_SEARCHED_CHARS) : json.slice(0, MAX_SEARCHED_CHARS)
  const words = [...part.matchAll(WORDS)].flatMap(([, escaped = ""]) => decoded(escaped) ?? [])
  const found = last ? words.at(-1) : words[0]
  if (found !== undefined) return found
  const calls = [...part.matchAll(CALL)].flatMap(([, escaped = ""]) => decoded(escaped) ?? [])
  return calls[0] === undefined ? undefined : `calls ${calls[0]}`
}

/** Decodes the content of a JSON string. Returns undefined if it is blank or itself JSON. */
function decoded(escaped: string): string | undefined {
  try {
    const text: unknown = JSON.parse(`"${escaped.replace(/\\(?:u[\da-fA-F]{0,3})?$/, "")}"`)
    return typeof text === "string" && text.trim() !== "" && !isJsonText(text) ? text : undefined
  } catch {
    return undefined
  }
}

/** Searches breadth first, so that a message's own text comes before that of nested calls. */
function wordsInObject(root: object): string | undefined {
  const queue: unknown[] = [root]
  for (let at = 0; at < queue.length && at < MAX_VISITED; at++) {
    const node = queue[at]
    if (typeof node === "string" && node.trim() !== "" && !isJsonText(node)) return node
    if (Array.isArray(node)) queue.push(...node.slice(0, MAX_VISITED))
    else if (typeof node === "object" && node !== null)
      for (const key of WORD_KEYS)
        if (Object.hasOwn(node, key)) queue.push((node as Record<string, unknown>)[key])
  }
  return undefined
}

const MAX_ENCODED_CHARS = 16_000

/** A JSON string, or the start of JSON that is encoded in one. */
const ENCODED = /^"(?:\s*[[{]|(?:[^"\\]|\\.)*"\s*$)/

/**
 * Returns the last text in messages or a request in JSON, even if the JSON is encoded twice. Decodes a JSON string.
 * Returns any other string unchanged.
 */
export function spokenIn(text: string): string {
  const decodedText = text.startsWith('"') && ENCODED.test(text) ? (decodedStart(text) ?? text) : text
  if (!isJsonText(decodedText)) return decodedText
  return wordsInJson(decodedText, true) ?? text
}

/** Decodes the start of a JSON string, which may have been cut off. */
function decodedStart(text: string): string | undefined {
  const escaped = text.slice(1, MAX_ENCODED_CHARS).replace(/"?\s*$/, "")
  try {
    return String(JSON.parse(`"${escaped.replace(/\\(?:u[\da-fA-F]{0,3})?$/, "")}"`))
  } catch {
    return undefined
  }
}
