"use client"

import { X } from "lucide-react"
import * as Primitive from "radix-ui/dialog"
import type { ReactNode } from "react"
import { buttonClass } from "./Button"
import { cx } from "./cx"
import { useRestoreFocus } from "./hooks/useFocusBack"

export type DialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** Read with the title; left out, there is no description. */
  description?: string
  children: ReactNode
  /** The title is read, not shown. */
  bare?: boolean
  /** A `max-w-…` class; 512 px without one. */
  className?: string
}

/** A modal dialog: focus is held inside and goes back where it was. */
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

/** Last in the document, so that what the dialog is for has the focus first. */
function CloseButton() {
  return (
    <Primitive.Close
      aria-label="Close"
      title="Close"
      className={buttonClass("ghost", "absolute top-2 right-2 w-row p-0!")}
    >
      <X className="size-4" />
    </Primitive.Close>
  )
}

/** The row of buttons at the foot of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">{children}</footer>
}
