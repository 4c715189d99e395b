"use client"

import { Columns3, Flame, Maximize2, Minus, Plus } from "lucide-react"
import { useStore } from "zustand"
import type { RunPart } from "@/components/run/createRunPageStore"
import { preferences } from "@/components/run/preferences"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { ReplayBar } from "@/components/run/replay/ReplayBar"
import { TurnSearch } from "@/components/run/search/TurnSearch"
import { strings } from "@/components/run/strings"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import { CopyTranscript } from "@/components/run/transcript/CopyTranscript"
import { useRunPart } from "@/components/run/useRunPart"
import { buttonClass } from "@/components/ui/Button"
import { useNarrow } from "@/components/ui/hooks/useRowPx"
import { IconButton } from "@/components/ui/IconButton"
import { Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from "@/components/ui/menu/Menu"
import { Segmented } from "@/components/ui/Segmented"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import { TURN_SORTS } from "@/lib/timeline/rows/turnList"

const TEXT = strings.toolbar
const PARTS: { id: RunPart; label: string }[] = [
  { id: "timeline", label: strings.parts.timeline },
  { id: "transcript", label: strings.parts.transcript },
]
const NARROW_PARTS = [...PARTS, { id: "about" as const, label: strings.parts.about }]

export type RunToolbarProps = { axis: RunAxis; onZoom: (factor: number) => void }

/** Controls for how turns are shown: timeline or transcript, search, order, columns, zoom, replay. */
export function RunToolbar({ axis, onZoom }: RunToolbarProps) {
  const { page, runId } = useRunPageStore()
  const part = useRunPart()
  const narrow = useNarrow()
  return (
    <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-2 border-b border-line px-3 max-sm:gap-1 max-sm:py-1">
      <Segmented
        label={TEXT.parts}
        segments={narrow ? NARROW_PARTS : PARTS}
        value={part}
        onChange={(id) => page.show(id)}
      />
      <TurnSearch />
      {part === "timeline" ? <SortMenu /> : null}
      <span className="flex-1" />
      {part === "timeline" ? <TimelineTools axis={axis} onZoom={onZoom} /> : null}
      {part === "transcript" ? <CopyTranscript runId={runId} /> : null}
      <ReplayBar axis={axis} />
    </div>
  )
}

function TimelineTools({ axis, onZoom }: RunToolbarProps) {
  const { page } = useRunPageStore()
  const folds = useRunPageState((state) => state.foldsGaps)
  const isZoomed = useRunPageState((state) => state.zoom !== undefined)
  const idleMs = axis.gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)
  return (
    <>
      {idleMs > 0 ? (
        <button
          type="button"
          aria-pressed={folds}
          onClick={() => page.foldGaps(!folds)}
          className="num rounded-small px-1 text-ink-2 hover:text-ink aria-pressed:text-accent max-lg:hidden"
        >
          {folds ? TEXT.unfold(idleMs) : TEXT.fold(idleMs)}
        </button>
      ) : null}
      <div className="flex items-center max-sm:hidden">
        <ColumnsMenu />
        <IconButton label={TEXT.zoomOut} keys="-" onClick={() => onZoom(1 / 1.5)} disabled={!isZoomed}>
          <Minus />
        </IconButton>
        <IconButton label={TEXT.fit} keys="f" onClick={() => page.zoomTo(undefined)} disabled={!isZoomed}>
          <Maximize2 />
        </IconButton>
        <IconButton label={TEXT.zoomIn} keys="+" onClick={() => onZoom(1.5)}>
          <Plus />
        </IconButton>
      </div>
    </>
  )
}

/** Sorts the turns by cost or duration instead of time. */
function SortMenu() {
  const { page, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const sort = useRunPageState((state) => state.sort)
  const isSorted = sort !== undefined
  const setSort = (next: typeof sort) => page.setSort(next, followed.store.getState().view.cursor)
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-pressed={isSorted}
          className={buttonClass("ghost", "px-2! aria-pressed:text-accent")}
        >
          <Flame className="size-4" aria-hidden="true" />
          <span className="max-lg:sr-only">{strings.sort.label}</span>
        </button>
      }
    >
      {TURN_SORTS.map((one) => (
        <MenuItem key={one} onSelect={() => setSort(one)} hint={sort === one ? "✓" : undefined}>
          {strings.sort[one]}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem onSelect={() => setSort(undefined)} hint={isSorted ? undefined : "✓"}>
        {strings.sort.time}
      </MenuItem>
    </Menu>
  )
}

function ColumnsMenu() {
  const { showCost, showModel } = useStore(preferences)
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={strings.columns.label}
          title={strings.columns.label}
          className={buttonClass("ghost", "w-row p-0! [&_svg]:size-4")}
        >
          <Columns3 />
        </button>
      }
    >
      <MenuLabel>{strings.columns.label}</MenuLabel>
      <MenuCheck checked={showCost} onChange={(checked) => preferences.setState({ showCost: checked })}>
        {strings.columns.cost}
      </MenuCheck>
      <MenuCheck checked={showModel} onChange={(checked) => preferences.setState({ showModel: checked })}>
        {strings.columns.model}
      </MenuCheck>
    </Menu>
  )
}
