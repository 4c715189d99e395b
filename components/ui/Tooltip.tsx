"use client"

import * as Primitive from "radix-ui/tooltip"
import type { ReactNode } from "react"

/** One provider for the whole page, so that moving from one control to the next shows at once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Primitive.Provider delayDuration={400} skipDelayDuration={200}>
      {children}
    </Primitive.Provider>
  )
}

export type TooltipProps = {
  label: ReactNode
  children: ReactNode
  side?: "top" | "bottom" | "left" | "right"
}

/** Says what a control does, on hover and on focus. The child must take a ref. */
export function Tooltip({ label, children, side = "bottom" }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 flex max-w-80 items-center gap-2 rounded border border-line-strong bg-overlay px-2 py-1 text-list text-ink shadow-float"
        >
          {label}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
