"use client"

import { useState } from "react"
import { FormattedValue } from "@/components/turn/formats/FormattedValue"
import { readPicture } from "@/components/turn/formats/image/readPicture"
import { strings } from "@/components/turn/strings"
import { findMatches } from "@/components/turn/text/findMatches"
import { Marked, useSearchTerms } from "@/components/turn/text/Marked"
import { useValueSource } from "@/components/turn/text/ValueSource"
import { oneLine } from "@/components/ui/text/showControls"
import { LIMITS } from "@/lib/protocol/limits"
import { sizeText } from "@/lib/trace/formatNumber"
import { stripAnsi } from "@/lib/trace/stripAnsi"
import { isNumeric, leafText } from "./parseJson"

const MAX_BYTES_PER_CHAR = 3
/** Longer strings are collapsed. Most commands are shorter. */
const INLINE_CHARS = 600
const PREVIEW_CHARS = 160
/** Shorter strings with several lines are initially expanded. */
const EXPANDED_CHARS = 2_000

/** A value without children. A long or multi-line string expands to a block in its own format. */
export function JsonLeaf({ value, pointer }: { value: unknown; pointer: string | undefined }) {
  if (typeof value !== "string" || isNumeric(value))
    return (
      <span className="text-kind-model wrap-anywhere">
        <Marked text={leafText(value)} />
      </span>
    )
  if (value.length > INLINE_CHARS || value.includes("\n"))
    return <LongString value={value} pointer={pointer} />
  return (
    <bdi className="min-w-0 flex-1 basis-40 wrap-anywhere text-ink">
      <Marked text={`"${oneLine(stripAnsi(value), INLINE_CHARS)}"`} />
    </bdi>
  )
}

function LongString({ value, pointer }: { value: string; pointer: string | undefined }) {
  const { cutAt, isAsked, hit } = useValueSource()
  const terms = useSearchTerms()
  const [open, setOpen] = useState<boolean>()
  const isHit = hit !== undefined && findMatches(value, terms).length > 0
  // True if the viewer asked for the full value, and the value is long enough to have been cut.
  const isWanted = isAsked && value.length > LIMITS.wireHeadBytes / MAX_BYTES_PER_CHAR
  const isShort = value.length < EXPANDED_CHARS && value.includes("\n")
  const isOpen = open ?? (isHit || isShort || isWanted || readPicture(value) !== undefined)
  const cut = cutAt(pointer)
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="block max-w-[70%] min-w-0 truncate rounded-small text-left hover:text-accent"
      >
        {isOpen ? (
          <span className="text-ink-3">{strings.json.textOf(sizeText(cut?.bytes ?? value.length))}</span>
        ) : (
          <bdi>
            <Marked text={`"${oneLine(stripAnsi(value.slice(0, PREVIEW_CHARS * 2)), PREVIEW_CHARS)}…"`} />
          </bdi>
        )}
      </button>
      {isOpen ? (
        <div className="order-last ml-4 min-w-0 basis-full border-l border-line-strong pl-2 font-normal">
          <FormattedValue value={value} hint="output" pointer={pointer} />
        </div>
      ) : null}
    </>
  )
}
