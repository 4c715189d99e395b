"use client"

import { ChevronDown } from "lucide-react"
import { useState } from "react"
import { Button } from "@/components/ui/Button"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { Menu, MenuItem, MenuLine } from "@/components/ui/Menu"
import { exactTime } from "@/components/ui/text/exactTime"
import { useLive } from "@/lib/live/LiveProvider"
import type { PageFilter, RunFilterUse } from "./useRunFilter"

const loadBetween = () => import("./CustomRangeDialog").then((module) => module.CustomRangeDialog)

const HOUR_MS = 3_600_000
const RANGES = [
  ["last hour", HOUR_MS],
  ["last 24 hours", 24 * HOUR_MS],
  ["last 7 days", 168 * HOUR_MS],
] as const

/** When a run started. */
export function FilterTime({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const live = useLive()
  const [between, setBetween] = useState(false)
  const Between = useOnDemand(between, loadBetween)
  const { started_after, started_before, ...rest } = filter
  const since = (ms: number) => set({ ...rest, started_after: new Date(live.serverNow() - ms).toISOString() })
  return (
    <>
      <Menu
        trigger={
          <Button look="ghost" className="border-line-strong font-normal">
            Started <span className="max-w-64 truncate text-accent empty:hidden">{timeText(filter)}</span>
            <ChevronDown className="size-3.5 text-ink-3" aria-hidden="true" />
          </Button>
        }
      >
        <MenuItem onSelect={() => set(rest)}>at any time</MenuItem>
        {RANGES.map(([word, ms]) => (
          <MenuItem key={word} onSelect={() => since(ms)}>
            {word}
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem onSelect={() => setBetween(true)}>between…</MenuItem>
      </Menu>
      {Between === undefined ? null : (
        <Between
          open={between}
          onOpenChange={setBetween}
          filter={filter}
          onDone={(times) => set({ ...rest, ...times })}
        />
      )}
    </>
  )
}

function timeText({ started_after, started_before }: PageFilter): string {
  const parts = [
    started_after && `after ${exactTime(started_after)}`,
    started_before && `before ${exactTime(started_before)}`,
  ]
  return parts.filter(Boolean).join(", ")
}
