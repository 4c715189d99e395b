"use client"

import { ChevronLeft, ChevronRight } from "lucide-react"
import { PendingTurnInspector } from "@/components/turn/PendingTurnInspector"
import { TurnInspector } from "@/components/turn/TurnInspector"
import { useNarrow } from "@/components/ui/hooks/useRowPx"
import { IconButton } from "@/components/ui/IconButton"
import { runPath } from "@/components/ui/runPath"
import { Sheet } from "@/components/ui/Sheet"
import { useOutline, useProgress, useTurnCount } from "@/lib/live/hooks/useFollowedRun"
import { rowAt, rowNumberOf } from "@/lib/timeline/rows/turnRows"
import type { TurnRef } from "./createRunPageStore"
import { AboutRun } from "./header/AboutRun"
import { useRunPageState, useRunPageStore } from "./RunPageStoreProvider"
import { SidePane } from "./SidePane"
import { strings } from "./strings"
import type { RunTree } from "./useRunTree"

const TEXT = strings.turnPane

/** The inspector: next to the turns, or in a sheet on a narrow screen. */
export function TurnPane({ tree }: { tree: RunTree }) {
  const { page, runId } = useRunPageStore()
  const selected = useRunPageState((state) => state.selected)
  const isOpen = useRunPageState((state) => state.isInspectorOpen)
  const narrow = useNarrow()
  const title = useOutline(selected?.runId ?? runId, selected?.index ?? -1)?.title
  if (!narrow) {
    return (
      <SidePane>{selected === undefined ? <NothingSelected /> : <SelectedTurn turn={selected} />}</SidePane>
    )
  }
  return (
    <Sheet
      open={isOpen}
      onOpenChange={page.openInspector}
      title={selected === undefined ? strings.parts.about : TEXT.title(selected.index, title)}
      actions={selected === undefined ? null : <StepButtons tree={tree} selected={selected} />}
    >
      <div className="flex h-[78dvh] flex-col">
        {selected === undefined ? <NothingSelected /> : <SelectedTurn turn={selected} />}
      </div>
    </Sheet>
  )
}

/** Goes to the previous or next turn in the list, without closing the sheet. */
function StepButtons({ tree, selected }: { tree: RunTree; selected: TurnRef }) {
  const { page, runId } = useRunPageStore()
  const number = rowNumberOf(tree.rows, selected)
  const cursor = tree.views.get(runId)?.cursor ?? 0
  const rowBy = (by: 1 | -1) => (number === undefined ? undefined : rowAt(tree.rows, number + by))
  const select = (row: ReturnType<typeof rowBy>) => {
    if (row !== undefined) page.select({ runId: row.runId, index: row.index }, cursor)
  }
  const [previous, next] = [rowBy(-1), rowBy(1)]
  return (
    <>
      <IconButton label={TEXT.previous} disabled={previous === undefined} onClick={() => select(previous)}>
        <ChevronLeft />
      </IconButton>
      <IconButton label={TEXT.next} disabled={next === undefined} onClick={() => select(next)}>
        <ChevronRight />
      </IconButton>
    </>
  )
}

function SelectedTurn({ turn }: { turn: TurnRef }) {
  const { runId } = useRunPageStore()
  const count = useTurnCount(turn.runId)
  const pending = useProgress(turn.runId)
  const hit = useRunPageState(({ search }) => search.current?.hit)
  if (turn.index < count) {
    const link = () => new URL(runPath(turn.runId, turn.index), window.location.href).href
    const ownHit = turn.runId === runId && hit?.index === turn.index ? hit : undefined
    return <TurnInspector runId={turn.runId} index={turn.index} link={link} hit={ownHit} />
  }
  if (pending?.index === turn.index)
    return <PendingTurnInspector index={pending.index} progress={pending.progress} />
  return <p className="p-3 text-ink-3">{TEXT.notThere(turn.index)}</p>
}

/** What the agent is doing now, or else a description of the run. */
function NothingSelected() {
  const { runId } = useRunPageStore()
  const pending = useProgress(runId)
  const isReplaying = useRunPageState(({ mode }) => mode.kind === "replaying")
  if (pending !== undefined && !isReplaying)
    return <PendingTurnInspector index={pending.index} progress={pending.progress} />
  return <AboutRun runId={runId} />
}
