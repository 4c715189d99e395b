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
  children: ReactNode
}

/** A square button that holds an icon of 16 px. */
export function IconButton({ label, keys, look = "ghost", className, ...rest }: IconButtonProps) {
  return (
    <Tooltip
      label={
        <>
          {label}
          {keys ? <Kbd>{keys}</Kbd> : null}
        </>
      }
    >
      <button
        type="button"
        aria-label={label}
        className={buttonClass(look, `w-row p-0! [&_svg]:size-4 ${className ?? ""}`)}
        {...rest}
      />
    </Tooltip>
  )
}
