"use client"

import { useMemo, useRef } from "react"

/** Restores the focus when a dialog closes. Radix does that only for dialogs opened by its own trigger. */
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
        // A menu item is gone by the time the dialog that it opened closes: focus the page instead.
        const target = current?.isConnected ? current : document.getElementById("page")
        if (target instanceof HTMLElement) target.focus({ preventScroll: true })
      },
    }),
    [],
  )
}
