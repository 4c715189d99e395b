import type { ReactNode } from "react"
import { cx } from "./cx"

const TONES = {
  plain: "text-ink-2 border-line-strong",
  working: "text-working border-working/50",
  waiting: "text-waiting border-waiting/50",
  failure: "text-failure border-failure/50",
  success: "text-success border-success/50",
  incomplete: "text-incomplete border-incomplete/50",
}

export type BadgeProps = { tone?: keyof typeof TONES; children: ReactNode; title?: string }

/** A word with a thin border. */
export function Badge({ tone = "plain", children, title }: BadgeProps) {
  return (
    <span
      title={title}
      className={cx(
        "inline-flex h-5 max-w-full shrink-0 items-center gap-1 rounded-small border px-1.5 text-small whitespace-nowrap tabular-nums",
        TONES[tone],
      )}
    >
      {children}
    </span>
  )
}
