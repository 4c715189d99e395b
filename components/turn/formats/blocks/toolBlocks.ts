import { type Block, type Fields, isFields, otherFields, type ReadContent, textAt } from "./Block"

type Path = readonly string[]

const NAME_KEYS = ["name", "toolName", "tool_name", "FunctionName", "function_name"]
/** Keys of a call's arguments. */
const ARGS_KEYS = [
  ...["input", "args", "arguments", "parameters", "action", "code", "queries", "operation", "Arguments"],
]
/** Keys of objects that contain the call, next to its id. Goose also wraps it in `{ status, value }`. */
const CALL_HOLDERS = [["function"], ["toolCall", "value"], ["toolCall"], ["tool_call"]]
/** Keys of the output that some calls carry themselves. */
const OWN_OUTPUT_KEYS = ["outputs", "output", "results", "result"]

const CONTENT_KEYS = ["content", "output", "result", "response", "tool_return", "error", "Result"]
const RESULT_HOLDERS = [["toolResult"], ["tool_call_result"], ["functionResult"]]
const RESULT_KEYS = [...CONTENT_KEYS, "value"]

type Held = { readonly inner: Fields; readonly path: Path }

/** Returns the object in which the fields of a call or result are, and its path. */
function heldIn(fields: Fields, holders: readonly Path[]): Held {
  for (const path of holders) {
    const inner = path.reduce<unknown>((node, key) => (isFields(node) ? node[key] : undefined), fields)
    if (isFields(inner)) return { inner, path }
  }
  return { inner: fields, path: [] }
}

/** Reads a call. One that carries its own output, as those of OpenAI's built-in tools do, is shown with it. */
export function callBlock(fields: Fields, path: Path, readContent: ReadContent): Block | undefined {
  const { inner, path: held } = heldIn(fields, CALL_HOLDERS)
  const name = textAt(inner, ...NAME_KEYS)?.text ?? String(fields.type)
  const key = ARGS_KEYS.find((one) => Object.hasOwn(inner, one))
  const own = OWN_OUTPUT_KEYS.find((one) => !isNothing(fields[one]))
  const used = [
    ...["type", ...NAME_KEYS, ...held.slice(0, 1)],
    ...(key === undefined ? [] : [key]),
    ...(own === undefined ? [] : [own]),
  ]
  const call: Block = {
    ...{ kind: "call", name, args: key === undefined ? undefined : inner[key], path },
    argsPath: [...path, ...held, ...(key === undefined ? [] : [key])],
    extra: { ...(held.length === 0 ? {} : otherFields(inner, used)), ...otherFields(fields, used) },
  }
  if (own === undefined) return call
  return {
    ...{ kind: "result", name: undefined, isError: false, path, extra: {} },
    blocks: [call, ...readContent(fields[own], [...path, own])],
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

export function resultBlock(fields: Fields, path: Path, readContent: ReadContent): Block {
  const { inner, path: held } = heldIn(fields, RESULT_HOLDERS)
  const keys = held.length === 0 ? CONTENT_KEYS : RESULT_KEYS
  const key = keys.find((one) => Object.hasOwn(inner, one) && typeof inner[one] !== "boolean")
  const content = key === undefined ? undefined : inner[key]
  const name = textAt(inner, ...NAME_KEYS)?.text
  const used = [
    ...["type", "is_error", "isError", ...NAME_KEYS, ...held],
    ...(key === undefined ? [] : [key]),
  ]
  return {
    ...{ kind: "result", name, isError: isFailure(fields, inner, content), path },
    blocks: key === undefined ? [] : readContent(content, [...path, ...held, key]),
    extra: { ...(held.length === 0 ? {} : otherFields(inner, used)), ...otherFields(fields, used) },
  }
}

/** Types of results and of contents that report a failure. */
const FAILED = /^(?:tool[-_]error|retry-prompt|error-.+|execution-denied|.+_error)$/

function isFailure(fields: Fields, inner: Fields, content: unknown): boolean {
  const flags = [fields.is_error, fields.isError, inner.error, inner.is_error]
  const types = [fields.type, isFields(content) ? content.type : undefined]
  return (
    flags.includes(true) ||
    inner.status === "error" ||
    types.some((type) => typeof type === "string" && FAILED.test(type))
  )
}
