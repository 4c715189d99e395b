import { grouped } from "@/lib/trace/formatNumber"
import { gapOf, type RunView } from "@/lib/trace/view/RunView"

/** How complete and current a view is. `kind` is the value of `data-live`. */
export type LiveBadge =
  | { kind: "live"; behind: 0; ended: boolean }
  | { kind: "catching-up"; have: number; of: number }
  | { kind: "reconnecting" }
  | { kind: "repairing"; from: number; to: number }
  | { kind: "paused" }
  | { kind: "rewound"; at: number }

export type BadgeInput = {
  view: Pick<RunView, "base" | "earlier" | "cursor" | "runCursor" | "held" | "run">
  /** True if the connection is up and this run has been subscribed on it. */
  connected: boolean
  /** True if the viewer has paused following. */
  paused?: boolean
  /** The cursor at which the viewer replays the run. */
  at?: number | undefined
}

/**
 * Computes the live badge from cursors. Problems take precedence over the viewer's own choices, which the viewer knows
 * about. Never "live" while a turn is missing. `repairing` contains turn indices, `rewound` a cursor.
 */
export function liveBadge({ view, connected, paused, at }: BadgeInput): LiveBadge {
  if (!connected) return { kind: "reconnecting" }
  const gap = gapOf(view as RunView)
  if (gap !== undefined) return { kind: "repairing", from: gap.from, to: gap.to - 1 }
  const { earlier } = view
  const earlierCount = earlier === undefined ? 0 : earlier.to - earlier.from
  const missing = view.base - earlierCount + Math.max(0, view.runCursor - view.cursor)
  if (missing > 0 || view.run === undefined) {
    return { kind: "catching-up", have: Math.max(0, view.runCursor - missing), of: view.runCursor }
  }
  if (at !== undefined && at < view.cursor) return { kind: "rewound", at }
  if (paused === true) return { kind: "paused" }
  // Not `view.ended`, because the event with the end follows the snapshot of an ended run.
  return { kind: "live", behind: 0, ended: view.run.status !== "in_progress" }
}

/** Returns the badge's text: `live`, `catching up 1,200 of 4,000`, `repairing 42–44`. */
export function badgeText(badge: LiveBadge): string {
  switch (badge.kind) {
    case "live":
      return badge.ended ? "complete" : "live"
    case "catching-up":
      return `catching up ${grouped(badge.have)} of ${grouped(badge.of)}`
    case "reconnecting":
      return "reconnecting"
    case "repairing":
      return badge.from === badge.to ? `repairing ${badge.from}` : `repairing ${badge.from}–${badge.to}`
    case "paused":
      return "paused"
    case "rewound":
      return `replay at ${grouped(badge.at)}`
  }
}
