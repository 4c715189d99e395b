import type { TurnOutline } from "@/lib/protocol/turn"

/** What makes two turns the same step in a comparison: their kind, their tool and what stands in their title. */
export function turnKey(outline: Pick<TurnOutline, "kind" | "tool" | "title">): string {
  return JSON.stringify([outline.kind, outline.tool ?? "", outline.title])
}
