"use client"

import { useEffect } from "react"
import { useStore } from "zustand"
import type { SharedStore } from "@/lib/live/Live"

/** Retains a kept store while mounted and returns a slice of it; re-renders only when the slice is another value. */
export function useSharedStore<S, T>(kept: SharedStore<S>, slice: (state: S) => T): T {
  useEffect(() => kept.retain(), [kept])
  return useStore(kept.store, slice)
}
