"use client"

import { useState } from "react"
import { Button } from "@/components/ui/Button"
import { Dialog, DialogActions } from "@/components/ui/Dialog"
import { timeMs } from "@/lib/trace/state/runState"
import type { PageFilter } from "./useRunFilter"

type Times = Pick<PageFilter, "started_after" | "started_before">

export type CustomRangeDialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  filter: PageFilter
  onDone: (times: Times) => void
}

/** Asks for the two times between which a run started; one of them may be left out. */
export function CustomRangeDialog({ open, onOpenChange, filter, onDone }: CustomRangeDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Runs that started between" className="max-w-sm">
      <BetweenForm
        filter={filter}
        onDone={(times) => {
          onOpenChange(false)
          onDone(times)
        }}
      />
    </Dialog>
  )
}

function BetweenForm({ filter, onDone }: Pick<CustomRangeDialogProps, "filter" | "onDone">) {
  const [after, setAfter] = useState(localText(filter.started_after))
  const [before, setBefore] = useState(localText(filter.started_before))
  const done = () => {
    const [started_after, started_before] = [isoText(after), isoText(before)]
    onDone({ ...(started_after && { started_after }), ...(started_before && { started_before }) })
  }
  return (
    <>
      <div className="grid grid-cols-[auto_1fr] items-center gap-x-3 gap-y-2 px-4 pb-4">
        <TimeField id="after" label="from" value={after} onChange={setAfter} />
        <TimeField id="before" label="to" value={before} onChange={setBefore} />
      </div>
      <DialogActions>
        <Button look="solid" onClick={done}>
          Show
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
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-row rounded border border-line-strong bg-transparent px-2 num"
      />
    </>
  )
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
