"use client"

import { ChevronDown } from "lucide-react"
import { useState } from "react"
import { Button } from "@/components/ui/Button"
import { Dialog, DialogActions } from "@/components/ui/Dialog"
import { exactTime } from "@/components/ui/exactTime"
import { Menu, MenuItem, MenuLine } from "@/components/ui/Menu"
import { useLive } from "@/lib/live/LiveProvider"
import { timeMs } from "@/lib/trace/runState"
import type { PageFilter, RunFilterUse } from "./useRunFilter"

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
      <Dialog open={between} onOpenChange={setBetween} title="Runs that started between" className="max-w-sm">
        <BetweenForm
          filter={filter}
          onDone={(times) => {
            setBetween(false)
            set({ ...rest, ...times })
          }}
        />
      </Dialog>
    </>
  )
}

type Times = Pick<PageFilter, "started_after" | "started_before">

function BetweenForm({ filter, onDone }: { filter: PageFilter; onDone: (times: Times) => void }) {
  const [after, setAfter] = useState(localText(filter.started_after))
  const [before, setBefore] = useState(localText(filter.started_before))
  const done = () => {
    const [started_after, started_before] = [isoText(after), isoText(before)]
    onDone({ ...(started_after && { started_after }), ...(started_before && { started_before }) })
  }
  const field = "h-row rounded border border-line-strong bg-transparent px-2 num"
  return (
    <>
      <div className="grid grid-cols-[auto_1fr] items-center gap-x-3 gap-y-2 px-4 pb-4">
        <label htmlFor="after">from</label>
        <input
          id="after"
          type="datetime-local"
          value={after}
          onChange={(e) => setAfter(e.target.value)}
          className={field}
        />
        <label htmlFor="before">to</label>
        <input
          id="before"
          type="datetime-local"
          value={before}
          onChange={(e) => setBefore(e.target.value)}
          className={field}
        />
      </div>
      <DialogActions>
        <Button look="solid" onClick={done}>
          Show
        </Button>
      </DialogActions>
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

/** An ISO time as a `datetime-local` field shows it, in the reader's zone; empty for none. */
function localText(iso: string | undefined): string {
  const ms = timeMs(iso)
  if (ms === undefined) return ""
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function isoText(local: string): string | undefined {
  const ms = Date.parse(local)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}
