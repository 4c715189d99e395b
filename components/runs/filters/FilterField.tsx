"use client"

import { type ReactNode, useEffect, useState } from "react"

export type FilterFieldProps = {
  label: string
  placeholder: string
  value: string
  /** Called with what was typed, on Enter, on leaving, and when a suggestion is taken. Returns whether it can be used. */
  onCommit: (text: string) => boolean
  suggestions?: readonly string[]
  className?: string
  children?: ReactNode
}

/** A small text field that takes effect when the reader is done with it. */
export function FilterField({
  label,
  placeholder,
  value,
  onCommit,
  suggestions,
  className,
}: FilterFieldProps) {
  const [text, setText] = useState(value)
  const [bad, setBad] = useState(false)
  useEffect(() => {
    setText(value)
    setBad(false)
  }, [value])
  const commit = (typed: string) => {
    if (typed.trim() !== value) setBad(!onCommit(typed.trim()))
  }
  const list = suggestions === undefined ? undefined : `${label}-suggestions`
  return (
    <>
      <input
        aria-label={label}
        aria-invalid={bad}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        list={list}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          if (event.target.value === "" || suggestions?.includes(event.target.value))
            commit(event.target.value)
        }}
        onKeyDown={(event) => event.key === "Enter" && commit(text)}
        onBlur={() => commit(text)}
        className={`h-row rounded border border-line-strong bg-transparent px-2 aria-invalid:border-failure ${value === "" ? "" : "text-accent"} ${className ?? "w-32"}`}
      />
      {list === undefined ? null : (
        <datalist id={list}>
          {suggestions?.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </>
  )
}
