"use client"

import { useState } from "react"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { Dialog, DialogActions } from "@/components/ui/Dialog"
import { timeMs } from "@/lib/trace/state/runState"
import type { PageFilter } from "./PageFilter"

const TEXT = strings.filters
type Times = Pick<PageFilter, "started_after" | "started_before">

export type CustomRangeDialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  filter: PageFilter
  onApply: (times: Times) => void
}

/** Asks for the times between which runs started. Either may be empty. */
export function CustomRangeDialog({ open, onOpenChange, filter, onApply }: CustomRangeDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={TEXT.customRangeTitle} className="max-w-sm">
      <RangeForm
        filter={filter}
        onApply={(times) => {
          onOpenChange(false)
          onApply(times)
        }}
      />
    </Dialog>
  )
}

function RangeForm({ filter, onApply }: Pick<CustomRangeDialogProps, "filter" | "onApply">) {
  const [after, setAfter] = useState(localText(filter.started_after))
  const [before, setBefore] = useState(localText(filter.started_before))
  const apply = () => {
    const [started_after, started_before] = [isoText(after), isoText(before)]
    onApply({ ...(started_after && { started_after }), ...(started_before && { started_before }) })
  }
  return (
    <>
      <div className="grid grid-cols-[auto_1fr] items-center gap-x-3 gap-y-2 px-4 pb-4">
        <TimeField id="after" label={TEXT.from} value={after} onChange={setAfter} />
        <TimeField id="before" label={TEXT.to} value={before} onChange={setBefore} />
      </div>
      <DialogActions>
        <Button variant="solid" onClick={apply}>
          {TEXT.apply}
        </Button>
      </DialogActions>
    </>
  )
}

type TimeFieldProps = { id: string; label: string; value: string; onChange: (value: string) => void }

function TimeField({ id, label, value, onChange }: TimeFieldProps) {
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        step={1}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-row rounded border border-line-strong bg-transparent px-2 num"
      />
    </>
  )
}

/** Converts an ISO time to the value of a `datetime-local` field, in the viewer's time zone and to the second. */
export function localText(iso: string | undefined): string {
  const ms = timeMs(iso)
  if (ms === undefined) return ""
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** The inverse of `localText`. */
export function isoText(local: string): string | undefined {
  const ms = Date.parse(local)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}
