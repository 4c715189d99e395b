"use client"

import { useEffect } from "react"
import { useStore } from "zustand"
import type { Kept } from "@/lib/live/Live"

/** Retains a kept store while mounted and returns a slice of it; re-renders only when the slice is another value. */
export function useKept<S, T>(kept: Kept<S>, slice: (state: S) => T): T {
  useEffect(() => kept.retain(), [kept])
  return useStore(kept.store, slice)
}
