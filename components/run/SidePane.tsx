"use client"

import type { KeyboardEvent, PointerEvent, ReactNode } from "react"
import { useStore } from "zustand"
import { PANE, preferences, setPaneShare } from "./preferences"
import { strings } from "./strings"

/** How far an arrow key moves the divider, in percent. */
const STEP = 2

/** The pane next to the turns. Its width is adjustable. */
export function SidePane({ children }: { children: ReactNode }) {
  const share = useStore(preferences, (state) => state.paneShare)
  return (
    <aside
      className="relative flex min-w-0 flex-none flex-col border-l border-line max-md:min-w-1/2"
      style={{ width: `${share}%` }}
    >
      <PaneDivider share={share} />
      {children}
    </aside>
  )
}

/** Changes the pane's width by dragging or with the arrow keys. A double click resets it. */
function PaneDivider({ share }: { share: number }) {
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const { currentTarget, pointerId, clientX } = event
    const row = currentTarget.parentElement?.parentElement?.getBoundingClientRect()
    if (!currentTarget.hasPointerCapture(pointerId) || row === undefined) return
    setPaneShare(((row.right - clientX) / row.width) * 100)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const next = {
      ArrowLeft: share + STEP,
      ArrowRight: share - STEP,
      Home: PANE.max,
      End: PANE.min,
      Enter: PANE.initial,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    setPaneShare(next)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> can't be moved, a separator with a value can
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={strings.timeline.paneWidth}
      aria-valuenow={Math.round(share)}
      aria-valuemin={PANE.min}
      aria-valuemax={PANE.max}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        event.preventDefault()
      }}
      onPointerMove={onPointerMove}
      onDoubleClick={() => setPaneShare(PANE.initial)}
      onKeyDown={onKeyDown}
      className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none outline-none after:absolute after:inset-y-0 after:left-[3px] after:w-px hover:after:bg-accent focus-visible:after:w-0.5 focus-visible:after:bg-accent"
    />
  )
}
