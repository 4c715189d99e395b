"use client"

import { useMemo, useRef } from "react"

/** Restores the focus when a dialog closes. Radix only does that for dialogs opened by its own trigger. */
export function useRestoreFocus() {
  const focused = useRef<Element | null>(null)
  return useMemo(
    () => ({
      onOpenAutoFocus: () => {
        focused.current = document.activeElement
      },
      onCloseAutoFocus: (event: Event) => {
        event.preventDefault()
        const { current } = focused
        // A menu item that opened the dialog no longer exists, so the page gets the focus instead.
        const target = current?.isConnected ? current : document.getElementById("page")
        if (target instanceof HTMLElement) target.focus({ preventScroll: true })
      },
    }),
    [],
  )
}
