import { type Block, type Fields, isFields, otherFields } from "./Block"
import { readBlock } from "./readBlock"

type Path = readonly string[]

/** Reads the calls next to a message's content. Older models made a single `function_call`. */
export function callsOf(fields: Fields, path: Path): { blocks: readonly Block[]; used: readonly string[] } {
  if (Array.isArray(fields.tool_calls) && fields.tool_calls.length > 0)
    return { blocks: listedCalls(fields.tool_calls, [...path, "tool_calls"]), used: ["tool_calls"] }
  // LangChain also keeps the provider's calls in `additional_kwargs`. Its older versions keep them only there.
  const extra = isFields(fields.additional_kwargs) ? fields.additional_kwargs : {}
  if (Array.isArray(extra.tool_calls)) {
    const isRest = Object.keys(otherFields(extra, ["tool_calls"])).length > 0
    return {
      blocks: listedCalls(extra.tool_calls, [...path, "additional_kwargs", "tool_calls"]),
      used: ["tool_calls", ...(isRest ? [] : ["additional_kwargs"])],
    }
  }
  if (!isFields(fields.function_call)) return { blocks: [], used: [] }
  return { blocks: [callOf(fields.function_call, [...path, "function_call"])], used: ["function_call"] }
}

function listedCalls(calls: readonly unknown[], path: Path): readonly Block[] {
  return calls.map((call, at) => callOf(call, [...path, String(at)]))
}

function callOf(call: unknown, path: Path): Block {
  const typed = isFields(call) && call.type === undefined ? { type: "tool_call", ...call } : call
  return readBlock(typed, path) ?? { kind: "value", value: call, path, extra: {} }
}
