"use client"

import { useEffect, useId, useState } from "react"

type Suggestion = { readonly value: string; readonly label?: string }

export type FilterFieldProps = {
  label: string
  placeholder: string
  value: string
  /** Called on Enter, on blur, and when a suggestion is chosen. Returns an error message for invalid input. */
  onCommit: (text: string) => string | undefined
  suggestions: readonly Suggestion[]
}

/** A small text field with suggestions. It takes effect when the viewer has finished typing. */
export function FilterField({ label, placeholder, value, onCommit, suggestions }: FilterFieldProps) {
  const [text, setText] = useState(value)
  const [error, setError] = useState<string>()
  const id = useId()
  useEffect(() => {
    setText(value)
    setError(undefined)
  }, [value])
  const commit = (typed: string) => {
    if (typed.trim() === value) setError(undefined)
    else setError(onCommit(typed.trim()))
  }
  return (
    <span className="relative">
      <input
        aria-label={label}
        aria-invalid={error !== undefined}
        aria-errormessage={error === undefined ? undefined : `${id}-error`}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        list={`${id}-list`}
        value={text}
        onChange={({ target }) => {
          setText(target.value)
          const isChosen = suggestions.some((suggestion) => suggestion.value === target.value)
          if (target.value === "" || isChosen) commit(target.value)
        }}
        onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && commit(text)}
        onBlur={() => commit(text)}
        className={`h-row w-32 rounded border border-line-strong bg-transparent px-2 aria-invalid:border-failure ${value === "" ? "" : "text-accent"}`}
      />
      <datalist id={`${id}-list`}>
        {suggestions.map((suggestion) => (
          <option key={suggestion.value} value={suggestion.value}>
            {suggestion.label}
          </option>
        ))}
      </datalist>
      {error === undefined ? null : (
        <span
          id={`${id}-error`}
          role="alert"
          className="absolute top-full left-0 z-30 mt-1 w-max max-w-72 rounded border border-failure bg-overlay px-2 py-1 text-failure shadow-float"
        >
          {error}
        </span>
      )}
    </span>
  )
}
