import { type Block, type Fields, isFields, otherFields, type ReadContent, textAt } from "./Block"

type Path = readonly string[]
type Inner = { fields: Fields; key: string; path: Path; extra: Fields; readContent: ReadContent }

/**
 * Readers by field. Parts of Gemini, Bedrock, Genkit and Haystack have no type, but a single field that is named after
 * the type.
 */
const READERS: Readonly<Record<string, (inner: Inner) => Block | undefined>> = {
  functionCall: readCall,
  function_call: readCall,
  toolUse: readCall,
  toolRequest: readCall,
  tool_call: readCall,
  functionResponse: readResult,
  function_response: readResult,
  toolResult: readResult,
  toolResponse: readResult,
  tool_call_result: readResult,
  executableCode: readCode,
  executable_code: readCode,
  codeExecutionResult: readCodeResult,
  code_execution_result: readCodeResult,
  reasoningContent: readReasoning,
  citationsContent: readCited,
  guardContent: readGuarded,
  inlineData: readFile,
  inline_data: readFile,
  fileData: readFile,
  file_data: readFile,
  document: readFile,
  video: readFile,
  media: readFile,
}

/** Reads a part of Gemini or a block of Bedrock. Returns undefined for any other object. */
export function readWrappedBlock(fields: Fields, path: Path, readContent: ReadContent): Block | undefined {
  for (const [key, read] of Object.entries(READERS)) {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (!isFields(value)) continue
    const extra = otherFields(fields, [key])
    const block = read({ fields: value, key, path: [...path, key], extra, readContent })
    if (block !== undefined) return { ...block, path }
  }
  return undefined
}

function readCall({ fields, path, extra }: Inner): Block | undefined {
  const name = textAt(fields, "name", "tool_name")
  if (name === undefined) return undefined
  const key = ["input", "args", "arguments"].find((one) => Object.hasOwn(fields, one)) ?? "args"
  return {
    ...{ kind: "call", name: name.text, args: fields[key], argsPath: [...path, key], path },
    extra: { ...otherFields(fields, [name.key, key]), ...extra },
  }
}

function readResult({ fields, path, extra, readContent }: Inner): Block | undefined {
  const key = ["content", "response", "output", "result"].find((one) => Object.hasOwn(fields, one))
  if (key === undefined) return undefined
  const content = fields[key]
  const blocks = Array.isArray(content)
    ? content.flatMap((item, at) => readResultItem(item, [...path, key, String(at)], readContent))
    : readContent(content, [...path, key])
  return {
    ...{
      kind: "result",
      name: textAt(fields, "name")?.text,
      isError: fields.status === "error" || fields.error === true,
      blocks,
      path,
    },
    extra: {
      ...otherFields(fields, [
        "name",
        "status",
        key,
        ...(typeof fields.error === "boolean" ? ["error"] : []),
      ]),
      ...extra,
    },
  }
}

/** Reads an item of a result. Bedrock wraps values as `{ json }`. */
function readResultItem(item: unknown, path: Path, readContent: ReadContent): readonly Block[] {
  const isJson = isFields(item) && Object.hasOwn(item, "json") && Object.keys(item).length === 1
  return isJson ? readContent(item.json, [...path, "json"]) : readContent(item, path)
}

function readCode({ fields, path, extra }: Inner): Block | undefined {
  if (typeof fields.code !== "string") return undefined
  const name = textAt(fields, "language")?.text.toLowerCase() ?? "code"
  return {
    ...{ kind: "call", name, args: fields.code, argsPath: [...path, "code"], path },
    extra: { ...otherFields(fields, ["language", "code"]), ...extra },
  }
}

function readCodeResult({ fields, path, extra, readContent }: Inner): Block | undefined {
  if (typeof fields.output !== "string" && typeof fields.outcome !== "string") return undefined
  const isError = typeof fields.outcome === "string" && !/OK$/i.test(fields.outcome)
  return {
    ...{
      kind: "result",
      name: undefined,
      isError,
      blocks: readContent(fields.output, [...path, "output"]),
      path,
    },
    extra: { ...otherFields(fields, ["output"]), ...extra },
  }
}

function readReasoning({ fields, path, extra }: Inner): Block | undefined {
  const { reasoningText } = fields
  const text = isFields(reasoningText) ? reasoningText : {}
  const found = textAt(text, "text")
  return {
    ...{ kind: "thinking", text: found?.text ?? "", path },
    textPath: found === undefined ? [] : [...path, "reasoningText", "text"],
    extra: {
      ...otherFields(fields, ["reasoningText"]),
      ...otherFields(text, ["text"]),
      ...extra,
    },
  }
}

/** Reads text with citations, which are listed as other fields. */
function readCited({ fields, path, extra, readContent }: Inner): Block | undefined {
  if (!Array.isArray(fields.content)) return undefined
  return {
    ...{ kind: "result", name: undefined, isError: false, path },
    blocks: readContent(fields.content, [...path, "content"]),
    extra: { ...otherFields(fields, ["content"]), ...extra },
  }
}

function readGuarded({ fields, path, extra }: Inner): Block | undefined {
  const text = isFields(fields.text) ? fields.text : {}
  if (typeof text.text !== "string") return undefined
  return {
    ...{ kind: "text", text: text.text, textPath: [...path, "text", "text"], path },
    extra: { ...otherFields(text, ["text"]), ...otherFields(fields, ["text"]), ...extra },
  }
}

function readFile({ fields, key, path, extra }: Inner): Block | undefined {
  const link = textAt(fields, "fileUri", "file_uri", "uri", "url")
  const name = textAt(fields, "name", "displayName")
  const type = textAt(fields, "mimeType", "mime_type", "format", "contentType")
  if (link === undefined && name === undefined && type === undefined) return undefined
  const used = [link?.key, name?.key, type?.key].filter((one) => one !== undefined)
  return {
    ...{ kind: "file", name: name?.text ?? link?.text ?? key, type: type?.text, link: link?.text, path },
    extra: { ...otherFields(fields, used), ...extra },
  }
}
