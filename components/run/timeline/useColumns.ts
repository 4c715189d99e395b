"use client"

import type { CSSProperties } from "react"
import { useStore } from "zustand"
import { preferences } from "@/components/run/preferences"
import { useRunPageState } from "@/components/run/RunPageStoreProvider"

/** The optional columns of the rows' grid, as CSS variables. */
export function useColumns(): CSSProperties {
  const { showCost: isCostChosen, showModel } = useStore(preferences)
  const isSortedByCost = useRunPageState(({ sort }) => sort === "cost")
  const showCost = isCostChosen || isSortedByCost
  const variables: Record<string, string> = {
    "--cost-width": showCost ? "76px" : "0px",
    "--cost-display": showCost ? "block" : "none",
    "--model-width": showModel ? "132px" : "0px",
    "--model-display": showModel ? "block" : "none",
  }
  return variables
}
