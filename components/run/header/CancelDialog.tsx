"use client"

import { useId, useState } from "react"
import { strings } from "@/components/run/strings"
import { Button } from "@/components/ui/Button"
import { Dialog, DialogActions } from "@/components/ui/Dialog"
import { useLive } from "@/lib/live/LiveProvider"

const TEXT = strings.cancel

export type CancelDialogProps = { runId: string; open: boolean; onOpenChange: (open: boolean) => void }

/** Confirms a cancellation request, sends it, and shows the result. */
export function CancelDialog({ runId, open, onOpenChange }: CancelDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={TEXT.title} description={TEXT.description}>
      <CancelForm runId={runId} onClose={() => onOpenChange(false)} />
    </Dialog>
  )
}

type RequestState =
  | { kind: "editing"; error?: string }
  | { kind: "sending" }
  | { kind: "sent"; isDelivered: boolean }

function CancelForm({ runId, onClose }: { runId: string; onClose: () => void }) {
  const live = useLive()
  const [reason, setReason] = useState("")
  const [state, setState] = useState<RequestState>({ kind: "editing" })
  const fieldId = useId()
  const submit = async () => {
    setState({ kind: "sending" })
    const result = await live.cancelRun(runId, reason.trim() === "" ? undefined : reason.trim())
    setState(
      result.ok
        ? { kind: "sent", isDelivered: result.delivered }
        : { kind: "editing", error: result.error.message },
    )
  }
  if (state.kind === "sent") {
    return (
      <>
        <p role="status" className="px-4 pb-3">
          {state.isDelivered ? TEXT.delivered : TEXT.notDelivered}
        </p>
        <DialogActions>
          <Button onClick={onClose}>{TEXT.close}</Button>
        </DialogActions>
      </>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div className="flex flex-col gap-1 px-4 pb-3">
        <label htmlFor={fieldId} className="text-ink-2">
          {TEXT.reason}
        </label>
        <input
          id={fieldId}
          value={reason}
          maxLength={1_000}
          onChange={(event) => setReason(event.target.value)}
          className="h-row rounded border border-line-strong bg-bg px-2"
        />
        {state.kind === "editing" && state.error !== undefined ? (
          <p role="alert" className="text-failure">
            {TEXT.failed(state.error)}
          </p>
        ) : null}
      </div>
      <DialogActions>
        <Button onClick={onClose}>{TEXT.keepRunning}</Button>
        <Button type="submit" variant="danger" disabled={state.kind === "sending"}>
          {state.kind === "sending" ? TEXT.submitting : TEXT.submit}
        </Button>
      </DialogActions>
    </form>
  )
}
