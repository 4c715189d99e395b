"use client"

import { ChevronDown } from "lucide-react"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { LazyMenu } from "@/components/ui/menu/LazyMenu"
import type { MenuEntry } from "@/components/ui/menu/MenuEntry"

export type FilterChoiceProps<T extends string> = {
  label: string
  choices: readonly { id: T; text: string }[]
  value: readonly T[] | undefined
  /** Called with the chosen values, or undefined for any. */
  onChange: (value: T[] | undefined) => void
}

/** A menu with any number of selectable values. */
export function FilterChoice<T extends string>({ label, choices, value, onChange }: FilterChoiceProps<T>) {
  const chosen = choices.filter((choice) => value?.includes(choice.id))
  const toggle = (id: T, on: boolean) => {
    const next = choices.map((choice) => choice.id).filter((it) => (it === id ? on : value?.includes(it)))
    onChange(next.length > 0 ? next : undefined)
  }
  const entries: MenuEntry[] = choices.map(({ id, text }) => ({
    kind: "check",
    content: text,
    checked: value?.includes(id) === true,
    onChange: (on) => toggle(id, on),
  }))
  const any: MenuEntry = {
    kind: "item",
    content: <span className="pl-6">{strings.filters.any}</span>,
    onSelect: () => onChange(undefined),
    disabled: chosen.length === 0,
  }
  return (
    <LazyMenu
      trigger={
        <Button variant="ghost" className="border-line-strong font-normal">
          {label}
          {chosen.length > 0 ? (
            <span className="max-w-44 truncate text-accent">
              {chosen.map((choice) => choice.text).join(", ")}
            </span>
          ) : null}
          <ChevronDown className="size-3.5 text-ink-3" aria-hidden="true" />
        </Button>
      }
      entries={[...entries, { kind: "line" }, any]}
    />
  )
}
