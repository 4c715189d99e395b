import type { TurnOutline } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"

/**
 * Two turns with equal keys are the same step: same kind, same tool, same parameters. Without a digest or a tool, the
 * title is used instead of the parameters: it contains the tool's first argument or the first line of text.
 */
export function turnKey(outline: Pick<TurnOutline, "kind" | "tool" | "title">, digest?: TurnDigest): string {
  const { kind, tool, title } = outline
  return JSON.stringify([kind, tool ?? "", tool === undefined || digest === undefined ? title : digest.call])
}
