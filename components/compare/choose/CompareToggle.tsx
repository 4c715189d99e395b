"use client"

import { Columns2 } from "lucide-react"
import { useRouter } from "next/navigation"
import { useStore } from "zustand"
import { IconButton } from "@/components/ui/IconButton"
import { oneLine } from "@/components/ui/text/showControls"
import { chooseToCompare, compareChoice } from "./compareChoice"

export type CompareToggleProps = { runId: string; intent: string }

/** In a list: chooses the first run to compare, and with the second one opens both. */
export function CompareToggle({ runId, intent }: CompareToggleProps) {
  const router = useRouter()
  const first = useStore(compareChoice, (state) => state.first)
  const isFirst = first?.runId === runId
  const label = first === undefined ? "Compare with …" : `Compare with “${oneLine(first.intent, 60)}”`
  return (
    <IconButton
      light
      label={isFirst ? "Chosen to compare; let go" : label}
      aria-pressed={isFirst}
      onClick={() => {
        const href = chooseToCompare(runId, intent)
        if (href !== undefined) router.push(href)
      }}
    >
      <Columns2 />
    </IconButton>
  )
}
