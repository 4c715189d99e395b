/** How much of a JSON text is searched for words, at its start and at its end. */
const MAX_SEARCHED_CHARS = 4_000
const MAX_VISITED = 200

/** Where messages, content blocks and responses have their words; a call has the name of its tool. */
const WORDS =
  /"(?:content|text|output_text|refusal|answer|message|prompt|query)"\s*:\s*"((?:[^"\\]|\\.){1,2000})/g
const CALL = /"(?:name|toolName|tool_name)"\s*:\s*"((?:[^"\\]|\\.){1,200})"/g
const WORD_KEYS = [
  "content",
  "text",
  "output_text",
  "refusal",
  "answer",
  "message",
  "parts",
  "output",
  "choices",
]

/** Whether a text is data, not words: JSON. */
export function isJsonText(text: string): boolean {
  return /^\s*(?:\[\s*[[{"]|\{\s*")/.test(text)
}

/**
 * The words in a value that a model was sent or gave: a text itself, or the text of messages, blocks or a response.
 * `last`: of several the last ones, since what is new in a prompt comes last. Undefined if there are none. Reads a bounded
 * part, also of JSON that was cut.
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

/** The characters of a JSON string without its quotes; undefined for one that says nothing. */
function decoded(escaped: string): string | undefined {
  try {
    const text: unknown = JSON.parse(`"${escaped.replace(/\\(?:u[\da-fA-F]{0,3})?$/, "")}"`)
    return typeof text === "string" && text.trim() !== "" && !isJsonText(text) ? text : undefined
  } catch {
    return undefined
  }
}

/** Breadth first, so that words come before those in nested calls. */
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
