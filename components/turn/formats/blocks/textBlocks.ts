import { type Block, type Fields, isFields, otherFields, textAt } from "./Block"

type Path = readonly string[]

/** Keys of a text block's text. In OpenAI's Assistants API, `text` is an object with a `value`. */
const TEXT_KEYS = ["text", "refusal", "content", "value", "Text", "logs"]
const THINKING_KEYS = ["thinking", "text", "reasoning", "content", "data"]

export function textBlock(fields: Fields, path: Path): Block | undefined {
  return readText(fields, "text", TEXT_KEYS, path) ?? nestedText(fields, path)
}

/** Reads thinking: a text, or a list of texts. Some providers encrypt the text. */
export function thinkingBlock(fields: Fields, path: Path): Block | undefined {
  const direct = readText(fields, "thinking", THINKING_KEYS, path)
  if (direct !== undefined) return direct
  const key = ["summary", "thinking"].find((one) => Array.isArray(fields[one])) ?? "summary"
  const parts: unknown = fields[key]
  const texts = Array.isArray(parts)
    ? parts.filter(isFields).flatMap((part) => textAt(part, "text") ?? [])
    : []
  const text = texts.map((part) => part.text).join("\n\n")
  return { kind: "thinking", text, textPath: [], path, extra: otherFields(fields, ["type", key]) }
}

function readText(
  fields: Fields,
  kind: "text" | "thinking",
  keys: readonly string[],
  path: Path,
): Block | undefined {
  const found = textAt(fields, ...keys)
  if (found === undefined) return undefined
  const { key, text } = found
  return { kind, text, textPath: [...path, key], path, extra: otherFields(fields, ["type", key]) }
}

function nestedText(fields: Fields, path: Path): Block | undefined {
  const inner = isFields(fields.text) ? fields.text : {}
  const found = textAt(inner, "value", "text")
  if (found === undefined) return undefined
  return {
    ...{ kind: "text", text: found.text, textPath: [...path, "text", found.key], path },
    extra: { ...otherFields(fields, ["type", "text"]), ...otherFields(inner, [found.key]) },
  }
}
