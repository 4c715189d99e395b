"use client"

import { type ReactNode, useMemo, useState } from "react"
import { CopyButton } from "@/components/ui/CopyButton"
import { cx } from "@/components/ui/cx"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { sizeText } from "@/lib/timeline/formatNumber"
import { chooseFormat, FORMAT_NAMES, type ValueFormat } from "./formats/chooseFormat"
import { FormatBody } from "./formats/FormatBody"

/** A value that is out of sight is laid out when it comes into view: a turn of many long values opens no slower for it. */
const LATER = "[content-visibility:auto] [contain-intrinsic-size:auto_240px]"

export type ValueViewProps = {
  name: string
  value: unknown
  leaning?: "markdown" | "text"
  /** Shown above the value: what was cut, and a way to have it whole. */
  notice?: ReactNode
}

/** A value of a turn, drawn by what it is; another form is one click away. */
export function ValueView({ name, value, leaning = "text", notice }: ValueViewProps) {
  const choice = useMemo(() => chooseFormat(value, leaning), [value, leaning])
  const [chosen, setChosen] = useState<ValueFormat>()
  const [query, setQuery] = useState("")
  const size = useMemo(() => sizeText(utf8Bytes(choice.text)), [choice.text])
  const form = chosen !== undefined && choice.forms.includes(chosen) ? chosen : (choice.forms[0] ?? "text")
  return (
    <section aria-label={name} className={cx("border-b border-line px-3 pb-3", LATER)}>
      <header className="flex h-9 items-center gap-1.5">
        <h3 className="min-w-0 truncate text-small font-semibold tracking-wide text-ink-2">{name}</h3>
        <span className="num shrink-0 whitespace-nowrap text-ink-3">{size}</span>
        <span className="flex-1" />
        {form === "json" ? <JsonSearch value={query} onChange={setQuery} /> : null}
        {choice.forms.length > 1 ? <FormPick forms={choice.forms} form={form} onChange={setChosen} /> : null}
        <CopyButton text={choice.text} label={`Copy ${name.toLowerCase()}`} />
      </header>
      {notice}
      <FormatBody form={form} choice={choice} query={query} />
    </section>
  )
}

function JsonSearch({ value, onChange }: { value: string; onChange: (query: string) => void }) {
  return (
    <input
      type="search"
      aria-label="Search this value"
      placeholder="Search"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="num h-6 w-24 min-w-10 shrink-[9] rounded-small border border-line bg-bg px-1.5 focus:w-40"
    />
  )
}

type FormPickProps = { forms: ValueFormat[]; form: ValueFormat; onChange: (form: ValueFormat) => void }

function FormPick({ forms, form, onChange }: FormPickProps) {
  return (
    <select
      aria-label="Show as"
      value={form}
      onChange={(event) => onChange(forms.find((one) => one === event.target.value) ?? "text")}
      className="num h-6 shrink-0 rounded-small border border-line bg-bg px-1 text-ink-2"
    >
      {forms.map((one) => (
        <option key={one} value={one}>
          {FORMAT_NAMES[one]}
        </option>
      ))}
    </select>
  )
}
