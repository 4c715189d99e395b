"use client"

import { useEffect } from "react"
import { useStore } from "zustand"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { shell } from "./shellStore"

const loadGoTo = () => import("./goTo/GoToDialog").then((module) => module.GoToDialog)
const loadKeys = () => import("./keys/KeysDialog").then((module) => module.KeysDialog)

/** The dialogs that any page can open. No page needs their scripts to begin with. */
export function ShellDialogs() {
  const GoTo = useOnDemand(
    useStore(shell, (state) => state.goTo),
    loadGoTo,
  )
  const Keys = useOnDemand(
    useStore(shell, (state) => state.keys),
    loadKeys,
  )
  useEffect(() => {
    // Once somebody is there: so the first Ctrl K finds them loaded.
    const stop = new AbortController()
    const fetchAhead = () => {
      stop.abort()
      Promise.all([loadGoTo(), loadKeys()]).catch(() => undefined)
    }
    for (const sign of ["pointermove", "pointerdown", "keydown"])
      window.addEventListener(sign, fetchAhead, { signal: stop.signal, passive: true })
    return () => stop.abort()
  }, [])
  return (
    <>
      {GoTo === undefined ? null : <GoTo />}
      {Keys === undefined ? null : <Keys />}
    </>
  )
}
