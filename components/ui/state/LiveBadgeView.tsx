"use client"

import { cx } from "@/components/ui/cx"
import { badgeText, type LiveBadge } from "@/lib/trace/state/liveBadge"

const COLORS: Record<LiveBadge["kind"], string> = {
  live: "text-ink-2",
  "catching-up": "text-waiting",
  reconnecting: "text-waiting",
  repairing: "text-waiting",
  paused: "text-ink-2",
  rewound: "text-accent",
}

/** How complete and current the page is: icon and words. */
export function LiveBadgeView({ badge }: { badge: LiveBadge }) {
  return (
    <span
      className={cx("num inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap", COLORS[badge.kind])}
    >
      <svg viewBox="0 0 10 10" width="8" height="8" aria-hidden="true" fill="none" stroke="currentColor">
        <BadgeShape kind={badge.kind} />
      </svg>
      {badgeText(badge)}
    </span>
  )
}

function BadgeShape({ kind }: { kind: LiveBadge["kind"] }) {
  switch (kind) {
    case "live":
      return <circle cx="5" cy="5" r="3" fill="currentColor" stroke="none" />
    case "paused":
      return <path d="M3 1.5v7M7 1.5v7" strokeWidth="2" />
    case "rewound":
      return <path d="M8.5 1.5 3.5 5l5 3.5zM1.5 1.5v7" strokeWidth="1.4" />
    case "catching-up":
    case "repairing":
      return <path d="M5 8.5v-7M2 4.5l3-3 3 3" strokeWidth="1.6" />
    case "reconnecting":
      return <path d="M1 5h2.5M6.5 5H9M4 7.5l2-5" strokeWidth="1.4" />
  }
}
