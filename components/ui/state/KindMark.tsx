import type { ReactNode } from "react"
import { cx } from "@/components/ui/cx"
import type { TurnKind } from "@/lib/protocol/enums"
import { ShapeIcon } from "./ShapeIcon"

const COLORS: Record<TurnKind, string> = {
  model: "text-kind-model",
  tool: "text-kind-tool",
  agent: "text-kind-agent",
  human: "text-kind-human",
  system: "text-kind-system",
}

/** The background color of a bar, by kind. */
export const KIND_BARS: Record<TurnKind, string> = {
  model: "bg-kind-model",
  tool: "bg-kind-tool",
  agent: "bg-kind-agent",
  human: "bg-kind-human",
  system: "bg-kind-system",
}

const SHAPES: Record<TurnKind, ReactNode> = {
  model: <path d="M3 4.5h10v6H7.5L4.8 13v-2.5H3z" />,
  tool: <path d="m3.5 4.5 3.5 3.5-3.5 3.5M8.5 12h4.5" />,
  agent: <path d="M4 2.5v5c0 2 1.4 3 3 3h5.5M10 8l2.6 2.5L10 13" />,
  human: (
    <>
      <circle cx="8" cy="5" r="2.4" />
      <path d="M3.2 13.4c.5-2.7 2.3-4 4.8-4s4.3 1.3 4.8 4" />
    </>
  ),
  system: <path d="M8 2.8 12.5 5.4v5.2L8 13.2l-4.5-2.6V5.4z" />,
}

export type KindMarkProps = {
  kind: TurnKind
  /** Hides the word visually, but not from screen readers. */
  bare?: boolean
  className?: string
}

/** The kind of a turn: icon, color and word. */
export function KindMark({ kind, bare = false, className }: KindMarkProps) {
  return (
    <span className={cx("inline-flex items-center gap-1.5", COLORS[kind], className)}>
      <ShapeIcon>{SHAPES[kind]}</ShapeIcon>
      <span className={bare ? "sr-only" : "num"}>{kind}</span>
    </span>
  )
}
