import type { Progress } from "@/lib/protocol/run"
import { firstArgument } from "@/lib/trace/outlineTurn"

const TAIL_CHARS = 240

/** What is being done in a line: the tool and its first argument, for whom it waits, or the end of what is being said. */
export function progressTitle(progress: Progress): { head: string; rest: string } {
  const head = progress.tool?.slice(0, 80) ?? ""
  if (progress.waiting_for !== undefined) return { head, rest: `waits for ${progress.waiting_for}` }
  const said = tail(progress.text)
  if (head !== "") return { head, rest: firstArgument(progress.parameters) || said }
  return { head, rest: said || progress.prompt?.slice(0, TAIL_CHARS) || progress.model || "thinking" }
}

function tail(text: string | undefined): string {
  if (text === undefined) return ""
  const end = text.trimEnd()
  return end.length <= TAIL_CHARS ? end : `…${end.slice(-TAIL_CHARS)}`
}
