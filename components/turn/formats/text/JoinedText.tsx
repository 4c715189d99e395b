"use client"

import { Fragment, type ReactNode, useMemo } from "react"
import { childPath } from "@/components/turn/formats/json/findInJson"
import { useValueSource } from "@/components/turn/text/ValueSource"
import { joinAroundCuts, joinLines } from "./joinLines"

export type JoinedTextProps = {
  lines: readonly string[]
  /** The JSON pointer of the list in the turn. */
  pointer: string | undefined
  /** Displays the text, or the part of it at a JSON pointer. */
  children: (text: string, pointer: string | undefined) => ReactNode
}

/** Text that was sent as a list of lines. A line that was cut for the wire is displayed separately, with its gap. */
export function JoinedText({ lines, pointer, children }: JoinedTextProps) {
  const { cutAt } = useValueSource()
  const parts = useMemo(() => {
    const isCut = (line: number) => pointer !== undefined && cutAt(childPath(pointer, line)) !== undefined
    return lines.some((_, line) => isCut(line)) ? joinAroundCuts(lines, isCut) : undefined
  }, [lines, pointer, cutAt])
  if (parts === undefined) return children(joinLines(lines), undefined)
  return parts.map(({ text, line }, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts are identified by their order; the text never changes
    <Fragment key={at}>
      {children(text, pointer === undefined || line === undefined ? undefined : childPath(pointer, line))}
    </Fragment>
  ))
}
