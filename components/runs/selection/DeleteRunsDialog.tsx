"use client"

import { useState } from "react"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { Dialog, DialogActions } from "@/components/ui/Dialog"
import { useLive } from "@/lib/live/LiveProvider"
import { deletionOf } from "./deletionOf"

const TEXT = strings.deleteDialog

export type DeleteRunsDialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  runIds: readonly string[]
  onDeleted: () => void
}

/** Shows what will be deleted, and deletes it after confirmation. */
export function DeleteRunsDialog({ open, onOpenChange, runIds, onDeleted }: DeleteRunsDialogProps) {
  const live = useLive()
  // Read once, because the numbers mustn't change while the viewer decides.
  const [deletion, setDeletion] = useState(() => deletionOf(runIds, live.runs.getState().byId))
  const [wasOpen, setWasOpen] = useState(open)
  if (open !== wasOpen) {
    setWasOpen(open)
    if (open) setDeletion(deletionOf(runIds, live.runs.getState().byId))
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={TEXT.title(deletion.runIds.length)}>
      <Confirmation {...deletion} onClose={() => onOpenChange(false)} onDeleted={onDeleted} />
    </Dialog>
  )
}

type ConfirmationProps = ReturnType<typeof deletionOf> & { onClose: () => void; onDeleted: () => void }

function Confirmation({ runIds, turns, skipped, onClose, onDeleted }: ConfirmationProps) {
  const live = useLive()
  const [done, setDone] = useState<number>()
  const [error, setError] = useState<string>()
  const deleteAll = async () => {
    const failures: string[] = []
    for (const [at, runId] of runIds.entries()) {
      setDone(at)
      const result = await live.deleteRun(runId)
      if (!result.ok && result.error.code !== "not_found") failures.push(result.error.message)
    }
    setDone(undefined)
    const [reason] = failures
    if (reason !== undefined) return setError(TEXT.failed(failures.length, reason))
    onDeleted()
    onClose()
  }
  const isNothing = runIds.length === 0
  return (
    <>
      <div className="flex flex-col gap-2 px-4 pb-4">
        <p>{isNothing ? TEXT.nothing : TEXT.what(turns)}</p>
        {skipped > 0 && !isNothing ? <p className="text-ink-2">{TEXT.skipped(skipped)}</p> : null}
        {done === undefined ? null : <p role="status">{TEXT.deleting(done, runIds.length)}</p>}
        {error === undefined ? null : (
          <p role="alert" className="text-failure">
            {error}
          </p>
        )}
      </div>
      <DialogActions>
        <Button onClick={onClose}>{isNothing ? TEXT.close : TEXT.cancel}</Button>
        {isNothing ? null : (
          <Button variant="danger" disabled={done !== undefined} onClick={() => void deleteAll()}>
            {TEXT.confirm(runIds.length)}
          </Button>
        )}
      </DialogActions>
    </>
  )
}
