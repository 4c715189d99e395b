"use client"

import { ChevronDown } from "lucide-react"
import { useState } from "react"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import { LazyMenu } from "@/components/ui/menu/LazyMenu"
import type { MenuEntry } from "@/components/ui/menu/MenuEntry"
import { exactTime } from "@/components/ui/text/exactTime"
import type { PageFilter } from "./PageFilter"
import type { RunFilterUse } from "./useRunFilter"

const TEXT = strings.filters
const loadDialog = () => import("./CustomRangeDialog").then((module) => module.CustomRangeDialog)

const RANGES = [
  ["1h", TEXT.lastHour],
  ["24h", TEXT.lastDay],
  ["7d", TEXT.lastWeek],
] as const

/** Filters by when runs started. Relative times stay relative in the URL. */
export function FilterTime({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const [isOpen, setOpen] = useState(false)
  const CustomRange = useOnDemand(isOpen, loadDialog)
  const { since, started_after, started_before, ...rest } = filter
  const ranges = RANGES.map(
    ([range, text]): MenuEntry => ({
      kind: "item",
      content: text,
      onSelect: () => set({ ...rest, since: range }),
    }),
  )
  return (
    <>
      <LazyMenu
        trigger={
          <Button variant="ghost" className="border-line-strong font-normal">
            {TEXT.started}{" "}
            <span className="max-w-64 truncate text-accent empty:hidden">{timeText(filter)}</span>
            <ChevronDown className="size-3.5 text-ink-3" aria-hidden="true" />
          </Button>
        }
        entries={[
          { kind: "item", content: TEXT.anyTime, onSelect: () => set(rest) },
          ...ranges,
          { kind: "line" },
          { kind: "item", content: TEXT.customRange, onSelect: () => setOpen(true) },
        ]}
      />
      {CustomRange === undefined ? null : (
        <CustomRange
          open={isOpen}
          onOpenChange={setOpen}
          filter={filter}
          onApply={(times) => set({ ...rest, ...times })}
        />
      )}
    </>
  )
}

function timeText({ since, started_after, started_before }: PageFilter): string {
  const parts = [
    since && TEXT.since(since),
    started_after && TEXT.after(exactTime(started_after)),
    started_before && TEXT.before(exactTime(started_before)),
  ]
  return parts.filter(Boolean).join(", ")
}
