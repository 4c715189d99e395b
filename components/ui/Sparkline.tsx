import { memo } from "react"

export type SparklineProps = {
  /** Heights, oldest first. The largest fills the height, unless all are below 1. */
  values: readonly number[]
  width?: number
  height?: number
  /** The accessible name. Without one, the sparkline is decorative. */
  label?: string
}

/** Small bars on a baseline. The baseline makes periods of silence visible, too. */
export const Sparkline = memo(function Sparkline({ values, width = 60, height = 14, label }: SparklineProps) {
  const count = Math.max(1, values.length)
  const top = Math.max(1, ...values)
  const step = width / count
  const bars = values
    .map((value, k) => {
      if (!(value > 0)) return ""
      const tall = Math.max(2, (value / top) * (height - 1))
      return `M${(k * step).toFixed(1)} ${(height - tall).toFixed(1)}h${Math.max(1, step - 0.6).toFixed(1)}V${height}H${(k * step).toFixed(1)}z`
    })
    .join("")
  const drawing = (
    <>
      <path d={`M0 ${height - 0.5}H${width}`} stroke="var(--line-strong)" strokeWidth="1" />
      <path d={bars} fill="currentColor" />
    </>
  )
  const size = { width, height, viewBox: `0 0 ${width} ${height}`, className: "shrink-0 text-ink-3" }
  if (label === undefined) {
    return (
      <svg {...size} aria-hidden="true">
        {drawing}
      </svg>
    )
  }
  return (
    <svg {...size} role="img" aria-label={label}>
      {drawing}
    </svg>
  )
})
