"use client"

import { Pause, Play, SkipBack, SkipForward } from "lucide-react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import styles from "@/components/run/timeline/timeline.module.css"
import { Button } from "@/components/ui/Button"
import { cx } from "@/components/ui/cx"
import { IconButton } from "@/components/ui/IconButton"
import { useViewCursor } from "@/lib/live/hooks/useFollowedRun"
import { REPLAY_SPEEDS } from "@/lib/timeline/replay/Replay"
import { usePlayback, usePlayToggle } from "./usePlayback"

/** Takes the run back to an earlier cursor: step, scrub, play. The rest keeps arriving behind. */
export function ReplayBar({ axis }: { axis: RunAxis }) {
  const { reader, runId } = useRunPageStore()
  const cursor = useViewCursor(runId)
  const at = useRunPageState((state) => state.at)
  const speed = useRunPageState((state) => state.speed)
  const toggle = usePlayToggle()
  usePlayback(axis)
  const shown = Math.min(at ?? cursor, cursor)
  const go = (to: number) => {
    reader.play(undefined)
    reader.rewind(Math.min(to, cursor))
  }
  // A narrow screen has no room for all of it before it is used.
  const still = at === undefined ? "max-sm:hidden" : ""
  return (
    <div className="flex min-w-0 items-center gap-1">
      <IconButton
        label="One turn back"
        className={still}
        onClick={() => go(shown - 1)}
        disabled={shown === 0}
      >
        <SkipBack />
      </IconButton>
      <IconButton label={speed === undefined ? "Play" : "Pause"} keys="Space" onClick={toggle}>
        {speed === undefined ? <Play /> : <Pause />}
      </IconButton>
      <IconButton
        label="One turn on"
        className={still}
        onClick={() => go(shown + 1)}
        disabled={shown >= cursor}
      >
        <SkipForward />
      </IconButton>
      <input
        type="range"
        aria-label="Rewind"
        aria-valuetext={`turn ${shown} of ${cursor}`}
        min={0}
        max={cursor}
        value={shown}
        onChange={(event) => go(Number(event.target.value))}
        className={cx(styles.scrub, "h-row w-28 min-w-0 shrink max-sm:w-20", still)}
      />
      {speed === undefined ? null : <SpeedPick speed={speed} onChange={(next) => reader.play(next)} />}
      {at === undefined ? null : <Button onClick={reader.goLive}>Go live</Button>}
    </div>
  )
}

function SpeedPick({ speed, onChange }: { speed: number; onChange: (speed: number) => void }) {
  return (
    <select
      aria-label="Speed"
      value={speed}
      onChange={(event) => onChange(Number(event.target.value))}
      className="num h-6 rounded-small border border-line bg-bg px-1"
    >
      {REPLAY_SPEEDS.map((one) => (
        <option key={one} value={one}>
          {one}×
        </option>
      ))}
    </select>
  )
}
