import { type Block, type Fields, isFields, otherFields } from "@/components/turn/formats/blocks/Block"
import { readBlock } from "@/components/turn/formats/blocks/readBlock"

type Path = readonly string[]

/** Reads the calls next to a message's content. Older models made a single `function_call`. */
export function callsOf(fields: Fields, path: Path): { blocks: readonly Block[]; used: readonly string[] } {
  for (const key of CALL_LISTS) {
    const calls = fields[key]
    if (Array.isArray(calls) && calls.length > 0)
      return { blocks: listedCalls(calls, [...path, key]), used: [key] }
  }
  // LangChain also keeps the provider's calls in `additional_kwargs`. Its older versions keep them only there.
  const extra = isFields(fields.additional_kwargs) ? fields.additional_kwargs : {}
  if (Array.isArray(extra.tool_calls)) {
    const isRest = Object.keys(otherFields(extra, ["tool_calls"])).length > 0
    return {
      blocks: listedCalls(extra.tool_calls, [...path, "additional_kwargs", "tool_calls"]),
      used: ["tool_calls", ...(isRest ? [] : ["additional_kwargs"])],
    }
  }
  const key = ["function_call", "tool_call"].find((one) => isFields(fields[one]))
  return key === undefined
    ? { blocks: [], used: [] }
    : { blocks: [callOf(fields[key], [...path, key])], used: [key] }
}

/** Lists of calls. Those of Spring AI and LangChain4j are the last two. */
const CALL_LISTS = ["tool_calls", "toolCalls", "toolExecutionRequests"]

function listedCalls(calls: readonly unknown[], path: Path): readonly Block[] {
  return calls.map((call, at) => callOf(call, [...path, String(at)]))
}

function callOf(call: unknown, path: Path): Block {
  const typed = isFields(call) && call.type === undefined ? { type: "tool_call", ...call } : call
  return readBlock(typed, path) ?? { kind: "value", value: call, path, extra: {} }
}
