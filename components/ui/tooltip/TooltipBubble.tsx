"use client"

import * as Primitive from "radix-ui/tooltip"
import { Kbd } from "@/components/ui/Kbd"

export type TooltipBubbleProps = { box: DOMRect; text: string; shortcut: string | undefined }

/**
 * A tooltip below a box, or elsewhere if there is no room. Hidden from screen readers, because the control has its own
 * name.
 */
export function TooltipBubble({ box, text, shortcut }: TooltipBubbleProps) {
  const { left, top, width, height } = box
  return (
    <Primitive.Provider>
      <Primitive.Root open>
        <Primitive.Trigger asChild>
          <span
            aria-hidden="true"
            className="pointer-events-none fixed"
            style={{ left, top, width, height }}
          />
        </Primitive.Trigger>
        <Primitive.Portal>
          <Primitive.Content
            aria-hidden="true"
            sideOffset={4}
            collisionPadding={8}
            className="pointer-events-none z-50 flex max-w-80 items-center gap-2 rounded border border-line-strong bg-overlay px-2 py-1 text-list text-ink shadow-float"
          >
            {text}
            {shortcut === undefined ? null : <Kbd>{shortcut}</Kbd>}
          </Primitive.Content>
        </Primitive.Portal>
      </Primitive.Root>
    </Primitive.Provider>
  )
}
