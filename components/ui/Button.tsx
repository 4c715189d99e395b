import type { ComponentProps } from "react"
import { cx } from "./cx"

const VARIANTS = {
  plain: "border border-line-strong hover:bg-hover hover:border-ink-3",
  ghost: "border border-transparent text-ink-2 hover:bg-hover hover:text-ink",
  solid: "border border-ink bg-ink text-bg hover:opacity-85",
  danger: "border border-failure text-failure hover:bg-hover",
}

export type ButtonVariant = keyof typeof VARIANTS
export type ButtonProps = ComponentProps<"button"> & { variant?: ButtonVariant }

/** Returns the class names of a button, also used for links that look like one. */
export function buttonClass(variant: ButtonVariant = "plain", className?: string): string {
  return cx(
    "inline-flex h-row shrink-0 items-center justify-center gap-1.5 rounded px-2.5 text-list font-medium whitespace-nowrap",
    "transition-colors aria-pressed:bg-selected aria-pressed:text-accent disabled:opacity-50",
    VARIANTS[variant],
    className,
  )
}

export function Button({ variant = "plain", className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={buttonClass(variant, className)} {...rest} />
}
