"use client"

import { useState } from "react"
import { PlainText } from "@/components/turn/formats/text/PlainText"
import { oneLine } from "@/components/ui/text/showControls"
import { exactNumber } from "@/lib/protocol/exactNumbers"
import { grouped } from "@/lib/timeline/formatNumber"

const INLINE_CHARS = 160

/** A value without children. A long or many-lined string opens into a block. */
export function JsonLeaf({ value }: { value: unknown }) {
  const [open, setOpen] = useState<boolean>()
  const number = exactNumber(value)
  if (typeof value !== "string" || number !== undefined)
    return <span className="text-kind-model wrap-anywhere">{number ?? String(value)}</span>
  const isBlock = value.length > INLINE_CHARS || value.includes("\n")
  if (!isBlock)
    return <span className="min-w-0 flex-1 basis-40 wrap-anywhere text-ink">{`"${oneLine(value)}"`}</span>
  const isOpen = open ?? (value.length < 2_000 && value.includes("\n"))
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="block max-w-[70%] min-w-0 truncate rounded-small text-left hover:text-accent"
      >
        {isOpen ? <span className="text-ink-3">text, {grouped(value.length)} characters</span> : null}
        {isOpen ? null : `"${oneLine(value, INLINE_CHARS)}…"`}
      </button>
      {isOpen ? (
        <div className="order-last ml-4 min-w-0 basis-full border-l border-line-strong pl-2">
          <PlainText text={value} />
        </div>
      ) : null}
    </>
  )
}
