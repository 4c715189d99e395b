"use client"

import { useEffect } from "react"
import { useStore } from "zustand"
import type { SharedStore } from "@/lib/live/Live"

/** Retains a shared store while mounted and returns a slice of it. Re-renders only when the slice changes. */
export function useSharedStore<S, T>(shared: SharedStore<S>, slice: (state: S) => T): T {
  useEffect(() => shared.retain(), [shared])
  return useStore(shared.store, slice)
}
