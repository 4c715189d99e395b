"use client"

import { Maximize2, Minus, Plus } from "lucide-react"
import type { RunPart } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { ReplayBar } from "@/components/run/replay/ReplayBar"
import { TurnSearch } from "@/components/run/search/TurnSearch"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import { cx } from "@/components/ui/cx"
import { IconButton } from "@/components/ui/IconButton"
import { Segmented } from "@/components/ui/Segmented"
import { durationText } from "@/lib/timeline/formatNumber"

const PARTS: { id: RunPart; label: string }[] = [
  { id: "timeline", label: "Timeline" },
  { id: "transcript", label: "Transcript" },
]

export type RunToolbarProps = { axis: RunAxis; onZoom: (factor: number) => void }

/** How the turns are shown: as a timeline or to be read, from when, how near, and which of them hold some words. */
export function RunToolbar({ axis, onZoom }: RunToolbarProps) {
  const { reader } = useRunPageStore()
  const part = useRunPageState((state) => state.part)
  const folds = useRunPageState((state) => state.foldsGaps)
  const isZoomed = useRunPageState((state) => state.zoom !== undefined)
  const idleMs = axis.gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)
  return (
    <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-3 max-sm:h-auto max-sm:min-h-10 max-sm:flex-wrap max-sm:gap-y-0 max-sm:py-1">
      <Segmented label="Show turns as" segments={PARTS} value={part} onChange={(id) => reader.show(id)} />
      <TurnSearch />
      <span className="flex-1" />
      {idleMs > 0 && part === "timeline" ? (
        <button
          type="button"
          aria-pressed={folds}
          onClick={() => reader.foldGaps(!folds)}
          className="num rounded-small px-1 text-ink-2 hover:text-ink aria-pressed:text-accent max-lg:hidden"
        >
          {folds ? "unfold" : "fold"} {durationText(idleMs)} idle
        </button>
      ) : null}
      <div className={cx("flex items-center max-sm:hidden", part === "transcript" && "hidden")}>
        <IconButton label="Zoom out" keys="-" onClick={() => onZoom(1 / 1.5)} disabled={!isZoomed}>
          <Minus />
        </IconButton>
        <IconButton label="Fit" keys="f" onClick={() => reader.zoomTo(undefined)} disabled={!isZoomed}>
          <Maximize2 />
        </IconButton>
        <IconButton label="Zoom in" keys="+" onClick={() => onZoom(1.5)}>
          <Plus />
        </IconButton>
      </div>
      <ReplayBar axis={axis} />
    </div>
  )
}
