"use client"

import { useState } from "react"
import { createAxisView } from "./axisView"
import { useReader, useReaderState } from "./ReaderProvider"
import { RunBegin } from "./RunBegin"
import { RunKeys } from "./RunKeys"
import { RunStrip } from "./RunStrip"
import { RunToolbar } from "./RunToolbar"
import { Timeline } from "./Timeline"
import { Transcript } from "./Transcript"
import { TurnPane } from "./TurnPane"
import { zoomIn } from "./useAxisGestures"
import { useAxisMotion } from "./useAxisMotion"
import { useRunTree } from "./useRunTree"
import { useTimeAxis } from "./useTimeAxis"

/** Strip, toolbar, the turns, and the inspector beside them. */
export function RunBody() {
  const { reader } = useReader()
  const part = useReaderState((state) => state.part)
  const tree = useRunTree()
  const axis = useTimeAxis(tree)
  const [view] = useState(createAxisView)
  useAxisMotion(view, axis)
  const onZoom = (factor: number) => zoomIn(view, reader, factor)
  return (
    <>
      <RunBegin />
      <RunStrip tree={tree} axis={axis} view={view} />
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
