import { type Block, type Fields, isFields, otherFields, type ReadContent, textAt } from "./Block"

type Path = readonly string[]

/**
 * Reads a tool part of a message of the AI SDK's UI, `{ type: "tool-getWeather", state, input, output }`: a call with its
 * result.
 */
export function readUiTool(fields: Fields, path: Path, readContent: ReadContent): Block | undefined {
  const { type } = fields
  const isCall = ["state", "input"].some((key) => Object.hasOwn(fields, key))
  if (typeof type !== "string" || !isCall || !Object.hasOwn(fields, "toolCallId")) return undefined
  const failure = textAt(fields, "errorText")
  const name = type.slice("tool-".length)
  const call: Block = {
    ...{ kind: "call", name, args: fields.input, argsPath: [...path, "input"], path },
    extra: otherFields(fields, ["type", "input", "output", "errorText", "state"]),
  }
  if (failure !== undefined) return withResult(call, readContent(failure.text, [...path, failure.key]), true)
  const hasOutput = Object.hasOwn(fields, "output") && fields.output !== null
  return hasOutput ? withResult(call, readContent(fields.output, [...path, "output"]), false) : call
}

/** Reads a call of older versions of the AI SDK and of Mastra: `{ toolInvocation: { toolName, args, result } }`. */
export function readInvocation(fields: Fields, path: Path, readContent: ReadContent): Block | undefined {
  const { toolInvocation } = fields
  const inner = isFields(toolInvocation) ? toolInvocation : {}
  const at = [...path, "toolInvocation"]
  if (typeof inner.toolName !== "string") return undefined
  const call: Block = {
    ...{ kind: "call", name: inner.toolName, args: inner.args, argsPath: [...at, "args"], path: at },
    extra: otherFields(inner, ["toolName", "args", "result", "state"]),
  }
  const hasResult = Object.hasOwn(inner, "result") && inner.result !== null
  const block = hasResult ? withResult(call, readContent(inner.result, [...at, "result"]), false) : call
  const extra = otherFields(fields, ["type", "toolInvocation"])
  return hasResult ? { ...block, extra } : { ...block, extra: { ...block.extra, ...extra } }
}

function withResult(call: Block, blocks: readonly Block[], isError: boolean): Block {
  return { kind: "result", name: undefined, isError, path: call.path, extra: {}, blocks: [call, ...blocks] }
}
