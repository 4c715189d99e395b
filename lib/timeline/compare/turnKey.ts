import type { TurnOutline } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"

/**
 * What makes two turns the same step in a comparison: their kind, their tool and what it was asked. Without a digest,
 * and where no tool was used, the title stands for that: it holds the tool's first argument, or the first line said.
 */
export function turnKey(outline: Pick<TurnOutline, "kind" | "tool" | "title">, digest?: TurnDigest): string {
  const { kind, tool, title } = outline
  return JSON.stringify([kind, tool ?? "", tool === undefined || digest === undefined ? title : digest.asked])
}
