"use client"

import { useStore } from "zustand"
import { announcement } from "./announce"

/** The one place that speaks to a screen reader by itself. */
export function LiveRegion() {
  const text = useStore(announcement, (state) => state.text)
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text}
    </div>
  )
}
