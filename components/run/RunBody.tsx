"use client"

import { useEffect, useMemo, useState } from "react"
import { preloadMarkdown } from "@/components/turn/formats/markdown/markdownFormat"
import { SearchTermsProvider } from "@/components/turn/text/Marked"
import { searchTerms } from "@/lib/trace/search/searchTerms"
import { FacetBar } from "./facets/FacetBar"
import { AboutRun } from "./header/AboutRun"
import { RunToolbar } from "./header/RunToolbar"
import { useRunLoaded } from "./header/useRunLoaded"
import { Minimap } from "./minimap/Minimap"
import { preferences } from "./preferences"
import { RunKeys } from "./RunKeys"
import { useRunPageState, useRunPageStore } from "./RunPageStoreProvider"
import { useTurnSearch } from "./search/useTurnSearch"
import { TurnPane } from "./TurnPane"
import { createAxisView } from "./timeline/axis/createAxisView"
import { zoomIn } from "./timeline/axis/useAxisGestures"
import { useAxisMotion } from "./timeline/axis/useAxisMotion"
import { useTimeAxis } from "./timeline/axis/useTimeAxis"
import { Timeline } from "./timeline/Timeline"
import { Transcript } from "./transcript/Transcript"
import { useRunPart } from "./useRunPart"
import { useRunTree } from "./useRunTree"

const NO_TERMS: readonly string[] = []

/** Minimap, toolbar, filters, the turns, and the inspector beside them. */
export function RunBody() {
  const { page, runId } = useRunPageStore()
  const part = useRunPart()
  const query = useRunPageState(({ search }) => search.query)
  const terms = useMemo(() => (query.startsWith("#") ? NO_TERMS : searchTerms(query)), [query])
  useEffect(() => {
    void preferences.persist.rehydrate()
    preloadMarkdown()
  }, [])
  useRunLoaded()
  useTurnSearch()
  const tree = useRunTree()
  const axis = useTimeAxis(tree)
  const [view] = useState(createAxisView)
  useAxisMotion(view, axis)
  const onZoom = (factor: number) => zoomIn(view, page, factor)
  return (
    <SearchTermsProvider terms={terms}>
      <Minimap tree={tree} axis={axis} view={view} />
      <RunToolbar axis={axis} onZoom={onZoom} />
      <FacetBar tree={tree} />
      <div className="flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          {part === "timeline" ? <Timeline tree={tree} axis={axis} view={view} /> : null}
          {part === "transcript" ? <Transcript tree={tree} /> : null}
          {part === "about" ? <AboutRun runId={runId} /> : null}
        </div>
        <TurnPane tree={tree} />
      </div>
      <RunKeys tree={tree} onZoom={onZoom} />
    </SearchTermsProvider>
  )
}
