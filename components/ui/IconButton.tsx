"use client"

import type { ReactNode } from "react"
import { type ButtonProps, buttonClass } from "./Button"

export type IconButtonProps = Omit<ButtonProps, "aria-label"> & {
  /** The accessible name, shown as a tooltip. */
  label: string
  /** The keyboard shortcut that does the same. */
  keys?: string
  children: ReactNode
}

/** A square button with a 16 px icon. */
export function IconButton({ label, keys, variant = "ghost", className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      data-tooltip={label}
      data-tooltip-key={keys}
      className={buttonClass(variant, `w-row p-0! [&_svg]:size-4 ${className ?? ""}`)}
      {...rest}
    />
  )
}
