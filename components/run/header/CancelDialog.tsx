"use client"

import { useId, useState } from "react"
import { Button } from "@/components/ui/Button"
import { Dialog, DialogActions } from "@/components/ui/Dialog"
import { useLive } from "@/lib/live/LiveProvider"

export type CancelDialogProps = { runId: string; open: boolean; onOpenChange: (open: boolean) => void }

/** Asks before it asks the agent to stop, and says what came of it. */
export function CancelDialog({ runId, open, onOpenChange }: CancelDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Cancel this run?"
      description="The agent is asked to stop. It decides when it does; its turns so far are kept."
    >
      <CancelForm runId={runId} onClose={() => onOpenChange(false)} />
    </Dialog>
  )
}

type Asked = "no" | "asking" | { delivered: boolean } | { failed: string }

function CancelForm({ runId, onClose }: { runId: string; onClose: () => void }) {
  const live = useLive()
  const [reason, setReason] = useState("")
  const [asked, setAsked] = useState<Asked>("no")
  const field = useId()
  const ask = async () => {
    setAsked("asking")
    const answer = await live.cancelRun(runId, reason.trim() === "" ? undefined : reason.trim())
    setAsked(answer.ok ? { delivered: answer.delivered } : { failed: answer.error.message })
  }
  if (typeof asked === "object" && "delivered" in asked) {
    return (
      <>
        <p role="status" className="px-4 pb-3">
          {asked.delivered
            ? "The request was delivered to the agent. The run goes on until the agent ends it."
            : "The agent is not connected. It gets the request if it comes back in time."}
        </p>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
        </DialogActions>
      </>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void ask()
      }}
    >
      <div className="flex flex-col gap-1 px-4 pb-3">
        <label htmlFor={field} className="text-ink-2">
          Reason (the agent sees it)
        </label>
        <input
          id={field}
          value={reason}
          maxLength={1_000}
          onChange={(event) => setReason(event.target.value)}
          className="h-row rounded border border-line-strong bg-bg px-2"
        />
        {typeof asked === "object" ? (
          <p role="alert" className="text-failure">
            It was not asked: {asked.failed}
          </p>
        ) : null}
      </div>
      <DialogActions>
        <Button onClick={onClose}>Keep running</Button>
        <Button type="submit" look="danger" disabled={asked === "asking"}>
          {asked === "asking" ? "Asking …" : "Ask it to stop"}
        </Button>
      </DialogActions>
    </form>
  )
}
