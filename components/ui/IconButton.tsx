"use client"

import type { ReactNode } from "react"
import { type ButtonProps, buttonClass } from "./Button"
import { Kbd } from "./Kbd"
import { Tooltip } from "./Tooltip"

export type IconButtonProps = Omit<ButtonProps, "aria-label"> & {
  /** Its accessible name, shown as its tooltip. */
  label: string
  /** The key that does the same. */
  keys?: string
  /** Where hundreds are drawn: the browser's own tooltip, which costs next to nothing. */
  light?: boolean
  children: ReactNode
}

/** A square button that holds an icon of 16 px. */
export function IconButton({
  label,
  keys,
  light = false,
  look = "ghost",
  className,
  ...rest
}: IconButtonProps) {
  const button = (
    <button
      type="button"
      aria-label={label}
      title={light ? label : undefined}
      className={buttonClass(look, `w-row p-0! [&_svg]:size-4 ${className ?? ""}`)}
      {...rest}
    />
  )
  if (light) return button
  return (
    <Tooltip
      label={
        <>
          {label}
          {keys ? <Kbd>{keys}</Kbd> : null}
        </>
      }
    >
      {button}
    </Tooltip>
  )
}
