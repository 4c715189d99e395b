"use client"

import { X } from "lucide-react"
import * as Primitive from "radix-ui/dialog"
import type { ReactNode } from "react"
import { buttonClass } from "./Button"
import { cx } from "./cx"
import { useRestoreFocus } from "./hooks/useRestoreFocus"
import { strings } from "./strings"

export type DialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** Shown below the title. */
  description?: string
  children: ReactNode
  /** Hides the title visually; screen readers still get it. */
  bare?: boolean
  /** A `max-w-…` class; by default 512 px. */
  className?: string
}

/** A modal dialog. Traps the focus and restores it on close. */
export function Dialog({ open, onOpenChange, title, description, children, bare, className }: DialogProps) {
  const focus = useRestoreFocus()
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-bg/70" />
        <Primitive.Content
          {...focus}
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className={cx(
            "fixed top-[12vh] left-1/2 z-50 flex max-h-[76vh] w-[calc(100vw-24px)] -translate-x-1/2 flex-col",
            "rounded border border-line-strong bg-overlay shadow-float outline-none animate-rise",
            className ?? "max-w-lg",
          )}
        >
          <header className={bare ? "sr-only" : "px-4 pt-3 pr-12 pb-2"}>
            <Primitive.Title className="text-title font-semibold">{title}</Primitive.Title>
            {description === undefined ? null : (
              <Primitive.Description className="text-ink-2">{description}</Primitive.Description>
            )}
          </header>
          {children}
          {bare ? null : <CloseButton />}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

/** The last element of the dialog, so that the dialog's main control receives the focus first. */
function CloseButton() {
  return (
    <Primitive.Close
      aria-label={strings.close}
      title={strings.close}
      className={buttonClass("ghost", "absolute top-2 right-2 w-row p-0!")}
    >
      <X className="size-4" />
    </Primitive.Close>
  )
}

/** The row of buttons at the bottom of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">{children}</footer>
}
