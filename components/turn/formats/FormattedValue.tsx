"use client"

import { createContext, useContext, useMemo } from "react"
import type { Format, FormatInput, TextHint } from "./Format"
import { formatInput } from "./formatInput"
import { textFormat } from "./text/textFormat"

type FormatsOf = (input: FormatInput) => readonly [Format, ...Format[]]

/**
 * The available formats. They are in a context, because one format may show values in other formats. Without a
 * provider, every value is shown as plain text.
 */
export const FormatsContext = createContext<FormatsOf>(() => [textFormat])

export type FormattedValueProps = { value: unknown; hint: TextHint; pointer: string | undefined }

/** A value in its default format. */
export function FormattedValue({ value, hint, pointer }: FormattedValueProps) {
  const formatsOf = useContext(FormatsContext)
  const input = useMemo(() => formatInput(value, hint), [value, hint])
  const [{ Body }] = useMemo(() => formatsOf(input), [formatsOf, input])
  return <Body input={input} pointer={pointer} />
}
