import { createStore } from "zustand/vanilla"

/** How much of the page's width the inspector takes, in percent. */
export const PANE = { least: 25, most: 65, usual: 40 } as const
const KEY = "turnline_pane"

export const paneShare = createStore<{ share: number }>(() => ({ share: PANE.usual }))

/** Takes what an earlier visit left; called once the page is mounted. */
export function readPaneShare(): void {
  try {
    const kept = localStorage.getItem(KEY)
    if (kept !== null) setPaneShare(Number(kept))
  } catch {
    // Storage may be forbidden; the usual share then holds.
  }
}

/** Sets the share within its bounds, for this browser; what is no number changes nothing. */
export function setPaneShare(percent: number): void {
  if (!Number.isFinite(percent)) return
  const share = Math.min(PANE.most, Math.max(PANE.least, Math.round(percent * 10) / 10))
  paneShare.setState({ share })
  try {
    localStorage.setItem(KEY, String(share))
  } catch {
    // It then holds until the page is left.
  }
}
