"use client"

import { useMemo } from "react"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { useCut } from "@/components/turn/useCut"
import { showControls } from "@/components/ui/text/showControls"

/** Text as it is, hidden characters shown, long lines wrapped. */
export function PlainText({ text }: { text: string }) {
  const { shown, left, more } = useCut(text)
  const visible = useMemo(() => showControls(shown), [shown])
  return (
    <>
      <pre dir="auto" className="num whitespace-pre-wrap wrap-anywhere">
        {visible}
      </pre>
      <ShowMore left={left} unit="characters" onMore={more} />
    </>
  )
}
