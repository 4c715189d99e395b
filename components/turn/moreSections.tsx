"use client"

import { useState } from "react"
import type { RunTurn } from "@/lib/protocol/turn"
import { sizeText } from "@/lib/trace/formatNumber"
import { LoadFullButton } from "./LoadFullNotice"
import { strings } from "./strings"
import type { FieldCuts } from "./turnCuts"
import type { FullTurn } from "./useFullTurn"
import { ValueSection } from "./ValueSection"

export type OmittedSectionProps = { field: string; bytes: number; full: FullTurn }

/** A field that was too large to be sent with the turn. */
export function OmittedSection({ field, bytes, full }: OmittedSectionProps) {
  return (
    <section aria-label={field} className="border-b border-line px-3 pt-2 pb-3">
      <h3 className="text-small font-semibold text-ink-2">{field}</h3>
      <p className="num flex flex-wrap items-center gap-x-3 border-l-2 border-waiting pl-2 text-ink-2">
        {strings.value.notShown(sizeText(bytes))}
        <LoadFullButton full={full} />
      </p>
    </section>
  )
}

/** The turn as received, rendered on request. */
export function RawSection({ turn, full }: { turn: RunTurn; full: FullTurn }) {
  const [open, setOpen] = useState(false)
  const { truncated, tails, outline, ...rest } = turn
  if (open)
    return (
      <ValueSection
        name={strings.sections.raw}
        value={rest}
        hint="output"
        pointer=""
        cuts={allCuts(turn)}
        loadFull={full.load}
      />
    )
  return (
    <section aria-label={strings.sections.raw} className="px-3 py-2">
      <button
        type="button"
        aria-expanded={false}
        onClick={() => setOpen(true)}
        className="rounded-small text-small font-semibold text-ink-2 hover:text-ink"
      >
        {strings.sections.raw} <span className="font-normal text-ink-3">· {strings.showRaw}</span>
      </button>
    </section>
  )
}

function allCuts({ truncated = {}, tails }: RunTurn): FieldCuts {
  return new Map(
    Object.entries(truncated).map(([pointer, bytes]) => [pointer, { bytes, tail: tails?.[pointer] ?? "" }]),
  )
}
