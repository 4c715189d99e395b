import {
  type Block,
  type Fields,
  isFields,
  otherFields,
  textAt,
} from "@/components/turn/formats/blocks/Block"
import { readBlockList } from "@/components/turn/formats/blocks/readBlock"

type Path = readonly string[]

/** Keys under which DeepSeek, OpenRouter, Ollama, Cohere and others put thinking. */
const REASONING_KEYS = ["reasoning_content", "reasoning", "reasoning_text", "thinking", "tool_plan"]

/** Reads text outside a message's content: thinking, OpenAI's refusal, and the transcript of spoken audio. */
export function readSpoken(
  fields: Fields,
  path: Path,
): { thinking: Block[]; words: Block[]; used: string[] } {
  const thought = textAt(fields, ...REASONING_KEYS)
  const refusal = textAt(fields, "refusal")
  const audio = isFields(fields.audio) ? fields.audio : {}
  const transcript = textAt(audio, "transcript")
  const thinking: Block[] = []
  const words: Block[] = []
  const used: string[] = []
  if (thought !== undefined && thought.text !== "") {
    used.push(thought.key)
    thinking.push({ kind: "thinking", text: thought.text, textPath: [...path, thought.key], path, extra: {} })
  }
  const details =
    thinking.length > 0 ? undefined : readBlockList(fields.reasoning_details, [...path, "reasoning_details"])
  if (details?.every(({ kind }) => kind === "thinking")) {
    used.push("reasoning_details")
    thinking.push(...details)
  }
  if (refusal !== undefined && refusal.text !== "") {
    used.push("refusal")
    words.push({ kind: "text", text: refusal.text, textPath: [...path, "refusal"], path, extra: {} })
  }
  if (transcript !== undefined && transcript.text !== "") {
    used.push("audio")
    const other = otherFields(audio, ["transcript"])
    words.push({
      ...{ kind: "text", text: transcript.text, textPath: [...path, "audio", "transcript"], path },
      extra: Object.keys(other).length === 0 ? {} : { audio: other },
    })
  }
  return { thinking, words, used }
}
