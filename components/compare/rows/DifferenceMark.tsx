import type { ReactNode } from "react"
import { strings } from "@/components/compare/strings"
import { cx } from "@/components/ui/cx"
import type { TurnDifference } from "@/lib/timeline/compare/compareTurns"
import { DIFFERENCE_WORDS } from "./differenceWords"

const SHAPES: Record<TurnDifference, ReactNode> = {
  only_a: <path d="M2.5 6h7" />,
  only_b: <path d="M2.5 6h7M6 2.5v7" />,
  parameters: <path d="M2 4.5h8M2 7.5h8M8 2 4 10" />,
  error: <path d="m3 3 6 6m0-6-6 6" />,
  text: <path d="M2 4.5q2-2 4 0t4 0M2 8q2-2 4 0t4 0" />,
  output: <path d="M2 4.5q2-2 4 0t4 0M2 8q2-2 4 0t4 0" />,
}

/** The differences of a line as icons and words, most important first. */
export function DifferenceMark({ differences }: { differences: readonly TurnDifference[] }) {
  const [first, ...others] = differences
  if (first === undefined) return <span className="sr-only">{strings.rows.same}</span>
  const { mark, color } = DIFFERENCE_WORDS[first]
  return (
    <span
      className={cx("num flex min-w-0 items-center justify-center gap-1", color)}
      title={differences.map((one) => DIFFERENCE_WORDS[one].count).join(", ")}
    >
      <DifferenceShape difference={first} />
      <span className="truncate">{mark}</span>
      {others.map((other) => (
        <span key={other} className={DIFFERENCE_WORDS[other].color}>
          <DifferenceShape difference={other} />
          <span className="sr-only">, {DIFFERENCE_WORDS[other].mark}</span>
        </span>
      ))}
    </span>
  )
}

/** Only the icon. Render its word next to it. */
export function DifferenceShape({ difference }: { difference: TurnDifference }) {
  return (
    <svg
      viewBox="0 0 12 12"
      width="12"
      height="12"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      aria-hidden="true"
      className="shrink-0"
    >
      {SHAPES[difference]}
    </svg>
  )
}
