"use client"

import { type ReactNode, useState } from "react"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { useValueSource } from "@/components/turn/text/ValueSource"

/**
 * Returns the first `size` items of a list, and a button that shows more. All items are shown if the value contains the
 * current search hit, because the hit may be in any of them.
 */
export function useShown<T>(items: readonly T[], size: number): { shown: readonly T[]; more: ReactNode } {
  const { hit } = useValueSource()
  const [count, setCount] = useState(size)
  if (hit !== undefined || items.length <= size) return { shown: items, more: null }
  return {
    shown: items.slice(0, count),
    more: <ShowMore left={items.length - count} unit="entries" onMore={() => setCount(count + size * 5)} />,
  }
}
