"use client"

import { type RefObject, useEffect } from "react"
import { useSeen } from "./text/useSeen"
import type { FieldCuts } from "./turnCuts"

/** Truncated JSON can't be parsed, so it is loaded in full when it is shown, up to this size. */
const MAX_AUTO_LOAD_BYTES = 2_000_000

/** Loads truncated JSON when the section comes into view. */
export function useAutoLoad(
  box: RefObject<HTMLElement | null>,
  value: unknown,
  cuts: FieldCuts,
  load: () => void,
): void {
  const seen = useSeen(box)
  const [cut] = cuts.values()
  const isJson = typeof value === "string" && /^\s*[[{]/.test(value)
  const isWanted = seen && isJson && cut !== undefined && cut.bytes <= MAX_AUTO_LOAD_BYTES
  useEffect(() => {
    if (isWanted) load()
  }, [isWanted, load])
}
