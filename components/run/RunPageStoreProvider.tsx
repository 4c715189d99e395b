"use client"

import { useSearchParams } from "next/navigation"
import { createContext, type ReactNode, useContext, useEffect, useState } from "react"
import { useStore } from "zustand"
import { createRunPageStore, type RunPageState, type RunPageStore } from "./createRunPageStore"
import { readRunUrl, writeRunUrl } from "./runPageUrl"

/** The URL is updated at most once in this time, because browsers reject hundreds of changes in a row. */
const URL_UPDATE_MS = 150

const RunPageContext = createContext<{ page: RunPageStore; runId: string } | undefined>(undefined)

/** Provides the view state of a run page, and keeps the URL in sync with it without navigating. */
export function RunPageStoreProvider({ runId, children }: { runId: string; children: ReactNode }) {
  // `window.location` can't be read here, because the router updates it only after this render.
  const params = useSearchParams()
  const [page] = useState(() => createRunPageStore({ runId, ...readRunUrl(new URLSearchParams(params)) }))
  useEffect(() => syncUrl(page, runId), [page, runId])
  return <RunPageContext value={{ page, runId }}>{children}</RunPageContext>
}

function syncUrl(page: RunPageStore, runId: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = () => {
    timer = undefined
    const { pathname, search } = window.location
    const query = writeRunUrl(currentParams(), page.store.getState(), runId).toString()
    const next = query === "" ? "" : `?${query}`
    if (next !== search) window.history.replaceState(window.history.state, "", `${pathname}${next}`)
  }
  const stop = page.store.subscribe(() => {
    timer ??= setTimeout(write, URL_UPDATE_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}

/** Returns the URL of the current view, even before the address bar shows it. */
export function runPageLink(page: RunPageStore, runId: string): string {
  const { origin, pathname } = window.location
  const query = writeRunUrl(currentParams(), page.store.getState(), runId).toString()
  return `${origin}${pathname}${query === "" ? "" : `?${query}`}`
}

// On the server, where the provider isn't mounted, the query is unknown, so it is empty.
function currentParams(): URLSearchParams {
  return new URLSearchParams(typeof window === "undefined" ? "" : window.location.search)
}

/** Returns the actions of the run page, and the id of its run. */
export function useRunPageStore(): { page: RunPageStore; runId: string } {
  const context = useContext(RunPageContext)
  if (context === undefined) throw new Error("useRunPageStore needs a RunPageStoreProvider above it")
  return context
}

/** Returns a slice of the view state. Re-renders only when that slice changes. */
export function useRunPageState<T>(slice: (state: RunPageState) => T): T {
  return useStore(useRunPageStore().page.store, slice)
}
