"use client"

import { useKeys } from "@/components/shell/keys/useKeys"

type KeyAction = Parameters<typeof useKeys>[0][string]
export type CompareKeysProps = {
  onLine: (step: 1 | -1) => void
  onEnd: (end: "first" | "last") => void
  onDifference: (step: 1 | -1) => void
  onClose: () => boolean
  onSwap: () => void
}

/** The keyboard shortcuts of a comparison. Renders nothing. */
export function CompareKeys({ onLine, onEnd, onDifference, onClose, onSwap }: CompareKeysProps) {
  const [next, previous] = [() => onLine(1), () => onLine(-1)]
  useKeys(
    Object.fromEntries<KeyAction>([
      ["j", next],
      ["ArrowDown", next],
      ["k", previous],
      ["ArrowUp", previous],
      ["n", () => onDifference(1)],
      ["p", () => onDifference(-1)],
      ["N", () => onDifference(-1)],
      ["g", () => onEnd("first")],
      ["G", () => onEnd("last")],
      ["s", onSwap],
      ["Escape", onClose],
    ]),
  )
  return null
}
