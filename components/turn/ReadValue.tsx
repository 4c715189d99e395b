"use client"

import { useMemo, useState } from "react"
import { chooseFormat } from "./formats/chooseFormat"
import { FormatBody } from "./formats/FormatBody"

export type ReadValueProps = { name: string; value: unknown; leaning: "markdown" | "text" }

const FOLDED_CHARS = 1_200
const FOLDED_LINES = 14

/** A value on a reader's page: drawn by what it is, folded while long. */
export function ReadValue({ name, value, leaning }: ReadValueProps) {
  const choice = useMemo(() => chooseFormat(value, leaning), [value, leaning])
  const [open, setOpen] = useState(false)
  const isLong = choice.text.length > FOLDED_CHARS || countLines(choice.text) > FOLDED_LINES
  return (
    <section aria-label={name} className="min-w-0">
      <h4 className="text-small text-ink-3">{name}</h4>
      <div className={isLong && !open ? "max-h-56 overflow-hidden" : undefined}>
        <FormatBody form={choice.forms[0] ?? "text"} choice={choice} query="" />
      </div>
      {isLong ? (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="num rounded-small text-accent hover:underline"
        >
          {open ? "fold" : "unfold"}
        </button>
      ) : null}
    </section>
  )
}

function countLines(text: string): number {
  let lines = 1
  for (let at = text.indexOf("\n"); at !== -1 && lines <= FOLDED_LINES; at = text.indexOf("\n", at + 1))
    lines++
  return lines
}
