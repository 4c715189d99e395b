import type { ReactNode } from "react"
import { cx } from "@/components/ui/cx"

/** A 14 px outline icon in the current color, drawn on a 16 × 16 grid. Hidden from screen readers. */
export function ShapeIcon({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="14"
      height="14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={cx("shrink-0", className)}
    >
      {children}
    </svg>
  )
}
