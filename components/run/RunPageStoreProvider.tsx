"use client"

import { useSearchParams } from "next/navigation"
import { createContext, type ReactNode, useContext, useEffect, useState } from "react"
import { useStore } from "zustand"
import {
  createRunPageStore,
  type RunPageState,
  type RunPageStore,
  readRunUrl,
  writeRunUrl,
} from "./createRunPageStore"

const ADDRESS_MS = 150

const ReaderContext = createContext<{ reader: RunPageStore; runId: string } | undefined>(undefined)

/** Keeps where the reader stands in a run, and keeps the address in step without navigating. */
export function RunPageStoreProvider({ runId, children }: { runId: string; children: ReactNode }) {
  // Not from `window.location`, which the router updates only after this render.
  const params = useSearchParams()
  const [reader] = useState(() => createRunPageStore({ runId, ...readRunUrl(new URLSearchParams(params)) }))
  useEffect(() => keepAddress(reader, runId), [reader, runId])
  return <ReaderContext.Provider value={{ reader, runId }}>{children}</ReaderContext.Provider>
}

/** Writes the address a moment after the last change: browsers refuse hundreds of changes in a row. */
function keepAddress(reader: RunPageStore, runId: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = () => {
    timer = undefined
    const { pathname, search } = window.location
    const query = writeRunUrl(locationParams(), reader.store.getState(), runId).toString()
    const next = query === "" ? "" : `?${query}`
    if (next !== search) window.history.replaceState(window.history.state, "", `${pathname}${next}`)
  }
  const stop = reader.store.subscribe(() => {
    timer ??= setTimeout(write, ADDRESS_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}

/** The address of where the reader stands now, also in the moment before the page's own address says it. */
export function runPageLink(reader: RunPageStore, runId: string): string {
  const { origin, pathname } = window.location
  const query = writeRunUrl(locationParams(), reader.store.getState(), runId).toString()
  return `${origin}${pathname}${query === "" ? "" : `?${query}`}`
}

// The provider is mounted in the browser only; a server rendering of it would not know the query.
function locationParams(): URLSearchParams {
  return new URLSearchParams(typeof window === "undefined" ? "" : window.location.search)
}

/** The reader's actions, and the run that the page shows. */
export function useRunPageStore(): { reader: RunPageStore; runId: string } {
  const held = useContext(ReaderContext)
  if (held === undefined) throw new Error("useRunPageStore needs a RunPageStoreProvider above it")
  return held
}

/** A slice of where the reader stands; re-renders only when it is another value. */
export function useRunPageState<T>(slice: (state: RunPageState) => T): T {
  return useStore(useRunPageStore().reader.store, slice)
}
