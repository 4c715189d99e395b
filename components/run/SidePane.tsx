"use client"

import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect } from "react"
import { useStore } from "zustand"
import { PANE, paneShare, readPaneShare, setPaneShare } from "./paneShare"

const STEP = 2

/** The place beside the turns; as wide as its reader makes it. */
export function SidePane({ children }: { children: ReactNode }) {
  const share = useStore(paneShare, (state) => state.share)
  useEffect(readPaneShare, [])
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

/** Dragged, or moved by the arrow keys, it makes the pane wider or narrower; a double click makes it as it was. */
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
      Home: PANE.most,
      End: PANE.least,
      Enter: PANE.usual,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    setPaneShare(next)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved, a separator with a value can
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the inspector"
      aria-valuenow={Math.round(share)}
      aria-valuemin={PANE.least}
      aria-valuemax={PANE.most}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        event.preventDefault()
      }}
      onPointerMove={onPointerMove}
      onDoubleClick={() => setPaneShare(PANE.usual)}
      onKeyDown={onKeyDown}
      className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none outline-none after:absolute after:inset-y-0 after:left-[3px] after:w-px hover:after:bg-accent focus-visible:after:w-0.5 focus-visible:after:bg-accent"
    />
  )
}
