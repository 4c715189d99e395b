"use client"

import { ProgressInspector } from "@/components/turn/ProgressInspector"
import { TurnInspector } from "@/components/turn/TurnInspector"
import { useNarrow } from "@/components/ui/hooks/useRowPx"
import { runPath } from "@/components/ui/runPath"
import { Sheet } from "@/components/ui/Sheet"
import { useOutline, useProgress, useTurnCount } from "@/lib/live/hooks/useFollowedRun"
import type { TurnRef } from "./createRunPageStore"
import { AboutRun } from "./header/AboutRun"
import { useRunPageState, useRunPageStore } from "./RunPageStoreProvider"
import { SidePane } from "./SidePane"

/** The inspector: beside the turns, or over them on a narrow screen. */
export function TurnPane() {
  const { reader, runId } = useRunPageStore()
  const selected = useRunPageState((state) => state.selected)
  const inspecting = useRunPageState((state) => state.inspecting)
  const narrow = useNarrow()
  const title = useOutline(selected?.runId ?? runId, selected?.index ?? -1)?.title
  if (narrow) {
    return (
      <Sheet
        open={inspecting && selected !== undefined}
        onOpenChange={reader.inspect}
        title={
          selected === undefined
            ? "Turn"
            : `Turn ${selected.index}${title === undefined ? "" : ` · ${title}`}`
        }
      >
        <div className="h-[78dvh]">{selected === undefined ? null : <TurnOrGhost turn={selected} />}</div>
      </Sheet>
    )
  }
  return <SidePane>{selected === undefined ? <NothingSelected /> : <TurnOrGhost turn={selected} />}</SidePane>
}

function TurnOrGhost({ turn }: { turn: TurnRef }) {
  const count = useTurnCount(turn.runId)
  const made = useProgress(turn.runId)
  if (turn.index < count) {
    const link = () => new URL(runPath(turn.runId, turn.index), window.location.href).href
    return <TurnInspector runId={turn.runId} index={turn.index} link={link} />
  }
  if (made?.index === turn.index) return <ProgressInspector index={made.index} progress={made.progress} />
  return <p className="p-3 text-ink-3">Turn {turn.index} has not been made.</p>
}

/** What is being done now, if anything; else what the run is about. */
function NothingSelected() {
  const { runId } = useRunPageStore()
  const made = useProgress(runId)
  const rewound = useRunPageState((state) => state.at !== undefined)
  if (made !== undefined && !rewound) return <ProgressInspector index={made.index} progress={made.progress} />
  return <AboutRun runId={runId} />
}
