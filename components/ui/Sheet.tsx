"use client"

import { X } from "lucide-react"
import * as Primitive from "radix-ui/dialog"
import type { ReactNode } from "react"
import { buttonClass } from "./Button"
import { cx } from "./cx"
import { useRestoreFocus } from "./hooks/useRestoreFocus"
import { strings } from "./strings"

export type SheetProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  children: ReactNode
  /** Controls next to the title. */
  actions?: ReactNode
  side?: "bottom" | "right"
}

const SIDES = {
  bottom: "inset-x-0 bottom-0 max-h-[86dvh] rounded-t border-t",
  right: "inset-y-0 right-0 w-[min(420px,100vw)] border-l",
}

/** A dialog at an edge of the screen, such as the inspector on a phone. */
export function Sheet({ open, onOpenChange, title, children, actions, side = "bottom" }: SheetProps) {
  const focus = useRestoreFocus()
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-bg/70" />
        <Primitive.Content
          {...focus}
          aria-describedby={undefined}
          className={cx(
            // What sticks to the top of the content has the background of a page.
            "[--bg:var(--overlay)]",
            "fixed z-50 flex flex-col border-line-strong bg-overlay shadow-float outline-none animate-rise",
            SIDES[side],
          )}
        >
          <header className="flex items-center gap-2 border-b border-line px-3 py-1">
            <Primitive.Title className="min-w-0 flex-1 truncate font-semibold">{title}</Primitive.Title>
            {actions}
            <Primitive.Close
              aria-label={strings.close}
              title={strings.close}
              className={buttonClass("ghost", "w-row p-0!")}
            >
              <X className="size-4" />
            </Primitive.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
