"use client"

import { useEffect } from "react"
import { useStore } from "zustand"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { shell } from "./shellStore"

const loadGoTo = () => import("./goTo/GoToDialog").then((module) => module.GoToDialog)
const loadKeys = () => import("./keys/KeysDialog").then((module) => module.KeysDialog)

/** The dialogs that any page can open. Their scripts are loaded on demand. */
export function ShellDialogs() {
  const GoTo = useOnDemand(
    useStore(shell, (state) => state.goToOpen),
    loadGoTo,
  )
  const Keys = useOnDemand(
    useStore(shell, (state) => state.keysOpen),
    loadKeys,
  )
  useEffect(() => {
    // Prefetched on the first input, so that the first Ctrl K opens without delay.
    const controller = new AbortController()
    const prefetch = () => {
      controller.abort()
      Promise.all([loadGoTo(), loadKeys()]).catch(() => undefined)
    }
    for (const type of ["pointermove", "pointerdown", "keydown"])
      window.addEventListener(type, prefetch, { signal: controller.signal, passive: true })
    return () => controller.abort()
  }, [])
  return (
    <>
      {GoTo === undefined ? null : <GoTo />}
      {Keys === undefined ? null : <Keys />}
    </>
  )
}
