"use client"

import { useState } from "react"
import { RunBegin } from "./header/RunBegin"
import { RunToolbar } from "./header/RunToolbar"
import { useRunTree } from "./header/useRunTree"
import { Minimap } from "./minimap/Minimap"
import { RunKeys } from "./RunKeys"
import { useRunPageState, useRunPageStore } from "./RunPageStoreProvider"
import { TurnPane } from "./TurnPane"
import { createAxisView } from "./timeline/axis/createAxisView"
import { zoomIn } from "./timeline/axis/useAxisGestures"
import { useAxisMotion } from "./timeline/axis/useAxisMotion"
import { useTimeAxis } from "./timeline/axis/useTimeAxis"
import { Timeline } from "./timeline/Timeline"
import { Transcript } from "./transcript/Transcript"

/** Strip, toolbar, the turns, and the inspector beside them. */
export function RunBody() {
  const { reader } = useRunPageStore()
  const part = useRunPageState((state) => state.part)
  const tree = useRunTree()
  const axis = useTimeAxis(tree)
  const [view] = useState(createAxisView)
  useAxisMotion(view, axis)
  const onZoom = (factor: number) => zoomIn(view, reader, factor)
  return (
    <>
      <RunBegin />
      <Minimap tree={tree} axis={axis} view={view} />
      <RunToolbar axis={axis} onZoom={onZoom} />
      <div className="flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          {part === "timeline" ? (
            <Timeline tree={tree} axis={axis} view={view} />
          ) : (
            <Transcript tree={tree} />
          )}
        </div>
        <TurnPane />
      </div>
      <RunKeys tree={tree} onZoom={onZoom} />
    </>
  )
}
