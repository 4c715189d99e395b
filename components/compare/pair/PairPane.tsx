"use client"

import { X } from "lucide-react"
import { useState } from "react"
import { type Side, SideName } from "@/components/compare/choose/SideHead"
import { strings } from "@/components/compare/strings"
import { TurnInspector } from "@/components/turn/TurnInspector"
import { useNarrow } from "@/components/ui/hooks/useRowPx"
import { IconButton } from "@/components/ui/IconButton"
import { runPath } from "@/components/ui/runPath"
import { Segmented } from "@/components/ui/Segmented"
import { Sheet } from "@/components/ui/Sheet"
import type { AlignedTurn } from "@/lib/timeline/compare/alignTurns"
import { PairDifference } from "./PairDifference"

const TEXT = strings.pair
type Part = "both" | "difference" | Side
export type PairPaneProps = { runA: string; runB: string; line: AlignedTurn; onClose: () => void }

/** The turns of the selected line, side by side or as a diff. A sheet on narrow screens. */
export function PairPane(props: PairPaneProps) {
  const { line, onClose } = props
  const narrow = useNarrow()
  const [wanted, setWanted] = useState<Part>()
  const isPair = line.a !== undefined && line.b !== undefined
  const parts = partsOf(line, narrow)
  const part = parts.find(({ id }) => id === wanted)?.id ?? parts[0]?.id ?? "both"
  const switcher = isPair ? (
    <Segmented label={TEXT.view} segments={parts} value={part} onChange={setWanted} />
  ) : null
  const title = titleOf(line)
  if (narrow) {
    return (
      <Sheet open onOpenChange={(open) => open || onClose()} title={title}>
        <div className="flex h-[78dvh] flex-col">
          {switcher === null ? null : <div className="border-b border-line px-3 py-1.5">{switcher}</div>}
          <PairBody {...props} part={part} />
        </div>
      </Sheet>
    )
  }
  return (
    <section
      aria-label={TEXT.label}
      className="flex h-[46%] min-h-48 shrink-0 flex-col border-t border-line-strong"
    >
      <header className="flex h-9 shrink-0 items-center gap-3 border-b border-line pr-1 pl-3">
        <h2 className="min-w-0 truncate font-semibold">{title}</h2>
        {switcher}
        <span className="flex-1" />
        <IconButton label={TEXT.close} keys="Esc" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <PairBody {...props} part={part} />
    </section>
  )
}

function partsOf({ a, b }: AlignedTurn, narrow: boolean): { id: Part; label: string }[] {
  if (a === undefined) return [{ id: "b", label: "B" }]
  if (b === undefined) return [{ id: "a", label: "A" }]
  const difference = { id: "difference" as const, label: TEXT.difference }
  if (!narrow) return [{ id: "both", label: TEXT.both }, difference]
  return [difference, { id: "a", label: TEXT.one("A", a) }, { id: "b", label: TEXT.one("B", b) }]
}

function titleOf({ a, b }: AlignedTurn): string {
  if (a === undefined) return TEXT.onlyIn("B", b ?? 0, "A")
  return b === undefined ? TEXT.onlyIn("A", a, "B") : TEXT.titles(a, b)
}

function PairBody({ runA, runB, line, part }: PairPaneProps & { part: Part }) {
  const { a, b } = line
  if (part === "difference" && a !== undefined && b !== undefined)
    return <PairDifference runA={runA} runB={runB} a={a} b={b} />
  return (
    <div className="flex min-h-0 flex-1">
      {a === undefined || part === "b" ? null : <Half side="a" runId={runA} index={a} />}
      {b === undefined || part === "a" ? null : <Half side="b" runId={runB} index={b} />}
    </div>
  )
}

function Half({ side, runId, index }: { side: Side; runId: string; index: number }) {
  const link = () => new URL(runPath(runId, index), window.location.href).href
  return (
    <div
      data-side={side}
      className="relative flex min-w-0 flex-1 border-line not-first:border-l [&>section]:min-w-0 [&>section]:flex-1"
    >
      <span className="py-2 pl-2 max-sm:hidden">
        <SideName side={side} />
      </span>
      <TurnInspector runId={runId} index={index} link={link} />
    </div>
  )
}
