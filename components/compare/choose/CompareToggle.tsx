"use client"

import { Columns2 } from "lucide-react"
import { useRouter } from "next/navigation"
import { useStore } from "zustand"
import { strings } from "@/components/compare/strings"
import { IconButton } from "@/components/ui/IconButton"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { chooseToCompare, compareChoice } from "./compareChoice"

export type CompareToggleProps = { runId: string; intent: string; tabIndex?: number }

/** Chooses a run for comparison; choosing the second one opens the comparison. */
export function CompareToggle({ runId, intent, ...rest }: CompareToggleProps) {
  const router = useRouter()
  const first = useStore(compareChoice, (state) => state.first)
  const isFirst = first?.runId === runId
  const label = first === undefined ? strings.link : strings.toggle.with(spokenLine(first.intent, 60))
  return (
    <IconButton
      label={isFirst ? strings.toggle.chosen : label}
      aria-pressed={isFirst}
      onClick={() => {
        const href = chooseToCompare(runId, intent)
        if (href !== undefined) router.push(href)
      }}
      {...rest}
    >
      <Columns2 />
    </IconButton>
  )
}
