"use client"

import { useState } from "react"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import { sizeText } from "@/lib/timeline/formatNumber"

export type CutNoticeProps = {
  runId: string
  index: number
  cut: { places: number; bytes: number } | undefined
}

/** Says how large a cut value is in whole, and loads it when asked. */
export function CutNotice({ runId, index, cut }: CutNoticeProps) {
  if (cut === undefined) return null
  const what = cut.places === 1 ? "This is the beginning;" : `${cut.places} values in it are cut;`
  return (
    <p className="mb-2 flex flex-wrap items-center gap-x-2 border-l-2 border-waiting pl-2 text-ink-2">
      {what} the whole is <span className="num">{sizeText(cut.bytes)}</span>.
      <LoadWhole runId={runId} index={index} />
    </p>
  )
}

/** Fetches a turn with nothing cut; the turn's body takes the place of the cut one. */
export function LoadWhole({ runId, index }: { runId: string; index: number }) {
  const followed = useFollowedRun(runId)
  const [state, setState] = useState<"idle" | "loading" | { failed: string }>("idle")
  const load = async () => {
    setState("loading")
    const answer = await followed.loadWhole(index)
    setState(answer.ok ? "idle" : { failed: answer.error.message })
  }
  return (
    <>
      <button
        type="button"
        disabled={state === "loading"}
        onClick={load}
        className="rounded-small font-medium text-accent hover:underline disabled:opacity-60"
      >
        {state === "loading" ? "Loading …" : "Load whole"}
      </button>
      {typeof state === "object" ? <span role="alert">{state.failed}</span> : null}
    </>
  )
}
