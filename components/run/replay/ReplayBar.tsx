"use client"

import { Pause, Play, SkipBack, SkipForward } from "lucide-react"
import { replayCursor } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import styles from "@/components/run/timeline/timeline.module.css"
import { Button } from "@/components/ui/Button"
import { cx } from "@/components/ui/cx"
import { IconButton } from "@/components/ui/IconButton"
import { useRunSummary, useViewCursor } from "@/lib/live/hooks/useFollowedRun"
import { REPLAY_SPEEDS } from "@/lib/timeline/replay/Replay"
import { usePlayback, usePlayToggle } from "./usePlayback"

const TEXT = strings.replay

/** Shows the run as it was at an earlier cursor: step, scrub, play. New turns keep arriving in the background. */
export function ReplayBar({ axis }: { axis: RunAxis }) {
  const { page, runId } = useRunPageStore()
  const cursor = useViewCursor(runId)
  const isInProgress = useRunSummary(runId)?.status === "in_progress"
  const at = useRunPageState(replayCursor)
  const speed = useRunPageState(({ mode }) => (mode.kind === "replaying" ? mode.speed : undefined))
  const toggle = usePlayToggle()
  usePlayback(axis)
  const shown = Math.min(at ?? cursor, cursor)
  const goTo = (to: number) => {
    page.play(undefined)
    page.replay(Math.min(to, cursor))
  }
  // On a narrow screen, most controls appear once a replay has started.
  const idle = at === undefined ? "max-sm:hidden" : ""
  return (
    <div className="flex min-w-0 items-center gap-1">
      <IconButton label={TEXT.back} className={idle} onClick={() => goTo(shown - 1)} disabled={shown === 0}>
        <SkipBack />
      </IconButton>
      <IconButton label={speed === undefined ? TEXT.play : TEXT.pause} keys="Space" onClick={toggle}>
        {speed === undefined ? <Play /> : <Pause />}
      </IconButton>
      <IconButton
        label={TEXT.forward}
        className={idle}
        onClick={() => goTo(shown + 1)}
        disabled={shown >= cursor}
      >
        <SkipForward />
      </IconButton>
      <input
        type="range"
        aria-label={TEXT.slider}
        aria-valuetext={TEXT.position(shown, cursor)}
        min={0}
        max={cursor}
        value={shown}
        onChange={(event) => goTo(Number(event.target.value))}
        className={cx(styles.scrub, "h-row w-28 min-w-0 shrink max-sm:w-20", idle)}
      />
      {speed === undefined ? null : <SpeedPicker speed={speed} onChange={(next) => page.play(next)} />}
      {at === undefined ? null : (
        <Button onClick={page.goLive}>{isInProgress ? TEXT.goLive : TEXT.toEnd}</Button>
      )}
    </div>
  )
}

function SpeedPicker({ speed, onChange }: { speed: number; onChange: (speed: number) => void }) {
  return (
    <select
      aria-label={TEXT.speed}
      value={speed}
      onChange={(event) => onChange(Number(event.target.value))}
      className="num h-6 rounded-small border border-line bg-bg px-1"
    >
      {REPLAY_SPEEDS.map((option) => (
        <option key={option} value={option}>
          {option}×
        </option>
      ))}
    </select>
  )
}
