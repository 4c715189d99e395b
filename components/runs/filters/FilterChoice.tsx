"use client"

import { ChevronDown } from "lucide-react"
import { Button } from "@/components/ui/Button"
import { Menu, MenuCheck, MenuItem, MenuLine } from "@/components/ui/Menu"

export type FilterChoiceProps<T extends string> = {
  label: string
  choices: readonly { id: T; word: string }[]
  value: readonly T[] | undefined
  /** The chosen ones; undefined when none is, which admits all. */
  onChange: (value: T[] | undefined) => void
}

/** Any of a few words. */
export function FilterChoice<T extends string>({ label, choices, value, onChange }: FilterChoiceProps<T>) {
  const chosen = choices.filter((choice) => value?.includes(choice.id))
  const flip = (id: T, on: boolean) => {
    const next = choices.map((choice) => choice.id).filter((it) => (it === id ? on : value?.includes(it)))
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <Menu
      trigger={
        <Button look="ghost" className="border-line-strong font-normal">
          {label}
          {chosen.length > 0 ? (
            <span className="max-w-44 truncate text-accent">
              {chosen.map((choice) => choice.word).join(", ")}
            </span>
          ) : null}
          <ChevronDown className="size-3.5 text-ink-3" aria-hidden="true" />
        </Button>
      }
    >
      {choices.map((choice) => (
        <MenuCheck
          key={choice.id}
          checked={value?.includes(choice.id) === true}
          onChange={(on) => flip(choice.id, on)}
        >
          {choice.word}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuItem onSelect={() => onChange(undefined)} disabled={chosen.length === 0}>
        <span className="w-4" /> Any
      </MenuItem>
    </Menu>
  )
}
