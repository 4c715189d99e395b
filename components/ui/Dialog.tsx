"use client"

import { X } from "lucide-react"
import * as Primitive from "radix-ui/dialog"
import type { ReactNode } from "react"
import { cx } from "./cx"
import { IconButton } from "./IconButton"

export type DialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** Read with the title; left out, there is no description. */
  description?: string
  children: ReactNode
  /** The title is read, not shown. */
  bare?: boolean
  className?: string
}

/** A modal dialog: focus is held inside and goes back where it was. */
export function Dialog({ open, onOpenChange, title, description, children, bare, className }: DialogProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-bg/70" />
        <Primitive.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className={cx(
            "fixed top-[12vh] left-1/2 z-50 flex max-h-[76vh] w-[calc(100vw-24px)] max-w-lg -translate-x-1/2 flex-col",
            "rounded border border-line-strong bg-overlay shadow-float outline-none animate-rise",
            className,
          )}
        >
          <header className={bare ? "sr-only" : "flex items-start gap-3 px-4 pt-3 pb-2"}>
            <div className="min-w-0 flex-1">
              <Primitive.Title className="text-title font-semibold">{title}</Primitive.Title>
              {description === undefined ? null : (
                <Primitive.Description className="text-ink-2">{description}</Primitive.Description>
              )}
            </div>
            {bare ? null : (
              <Primitive.Close asChild>
                <IconButton label="Close">
                  <X />
                </IconButton>
              </Primitive.Close>
            )}
          </header>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

/** The row of buttons at the foot of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">{children}</footer>
}
