"use client"

import { FormattedValue, type FormattedValueProps } from "@/components/turn/formats/FormattedValue"
import { JoinedText } from "@/components/turn/formats/text/JoinedText"

export type BlockValueProps = FormattedValueProps & {
  /** The lines of a text that was sent as a list. */
  lines: readonly string[] | undefined
}

/** A value of a block in its default format. */
export function BlockValue({ lines, ...shown }: BlockValueProps) {
  if (lines === undefined) return <FormattedValue {...shown} />
  return (
    <JoinedText lines={lines} pointer={shown.pointer}>
      {(part, at) => <FormattedValue value={part} hint={shown.hint} pointer={at} />}
    </JoinedText>
  )
}
