"use client"

import type { ReactNode } from "react"
import { cx } from "./cx"

type Segment<T extends string> = { id: T; label: ReactNode; title?: string }
export type SegmentedProps<T extends string> = {
  label: string
  segments: readonly Segment<T>[]
  value: T
  onChange: (id: T) => void
}

/** A choice between a few options, next to each other. A radio group for keyboards and screen readers. */
export function Segmented<T extends string>({ label, segments, value, onChange }: SegmentedProps<T>) {
  return (
    <fieldset className="inline-flex h-row w-fit shrink-0 items-stretch rounded border border-line-strong">
      <legend className="sr-only">{label}</legend>
      {segments.map((segment) => (
        <label
          key={segment.id}
          title={segment.title}
          className={cx(
            "flex cursor-pointer items-center rounded px-2 text-mono text-ink-2 hover:text-ink max-sm:px-1.5",
            "has-checked:bg-selected has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent",
          )}
        >
          <input
            type="radio"
            name={label}
            value={segment.id}
            checked={segment.id === value}
            onChange={() => onChange(segment.id)}
            className="sr-only"
          />
          {segment.label}
        </label>
      ))}
    </fieldset>
  )
}
