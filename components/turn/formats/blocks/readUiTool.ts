import { type Block, type Fields, otherFields, type ReadContent, textAt } from "./Block"

/**
 * Reads a tool part of a message of the AI SDK's UI, `{ type: "tool-getWeather", state, input, output }`: a call with its
 * result.
 */
export function readUiTool(
  fields: Fields,
  path: readonly string[],
  readContent: ReadContent,
): Block | undefined {
  const { type } = fields
  if (typeof type !== "string" || !Object.hasOwn(fields, "toolCallId")) return undefined
  const failure = textAt(fields, "errorText")
  const hasOutput = Object.hasOwn(fields, "output") && fields.output !== null
  const name = type.slice("tool-".length)
  const call: Block = {
    ...{ kind: "call", name, args: fields.input, argsPath: [...path, "input"], path },
    extra: otherFields(fields, ["type", "input", "output", "errorText", "state"]),
  }
  if (failure === undefined && !hasOutput) return call
  const [key, content] = failure === undefined ? ["output", fields.output] : ["errorText", failure.text]
  return {
    ...{ kind: "result", name: undefined, isError: failure !== undefined, path, extra: {} },
    blocks: [call, ...readContent(content, [...path, key])],
  }
}
