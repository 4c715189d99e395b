"use client"

import { useMemo, useRef } from "react"

/** Gives the focus back to what had it when a dialog opened: one that no trigger of its own opens would lose it. */
export function useRestoreFocus() {
  const before = useRef<Element | null>(null)
  return useMemo(
    () => ({
      onOpenAutoFocus: () => {
        before.current = document.activeElement
      },
      onCloseAutoFocus: (event: Event) => {
        event.preventDefault()
        const { current } = before
        // A menu's item is gone when the dialog that it opened closes; the page is the next best place to go on from.
        const back = current?.isConnected ? current : document.getElementById("page")
        if (back instanceof HTMLElement) back.focus({ preventScroll: true })
      },
    }),
    [],
  )
}
