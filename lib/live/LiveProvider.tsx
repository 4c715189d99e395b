"use client"

import { createContext, type ReactNode, useContext, useEffect, useState } from "react"
import { createLive } from "./createLive"
import type { Live } from "./Live"

const LiveContext = createContext<Live | undefined>(undefined)

/**
 * Provides one connection to all components inside, and opens it once they are mounted in the browser. Tests pass
 * `live`.
 */
export function LiveProvider({ children, live: given }: { children: ReactNode; live?: Live }) {
  const [live] = useState(() => given ?? createLive())
  useEffect(() => {
    live.open()
    return () => live.close()
  }, [live])
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>
}

/** Returns the page's connection. Throws outside a `LiveProvider`. */
export function useLive(): Live {
  const live = useContext(LiveContext)
  if (live === undefined) throw new Error("useLive needs a LiveProvider above it")
  return live
}
