"use client"

import { useState } from "react"
import { copyText } from "@/components/ui/CopyButton"

const LINK = "rounded-small px-1 text-small text-ink-3 hover:text-ink"

/** Copies a place's path or its value; shown on hover and on focus. */
export function JsonTools({ path, value }: { path: string; value: () => string }) {
  const [said, setSaid] = useState<string>()
  const copy = (what: string, text: string) => {
    copyText(text).then(
      () => setSaid(what),
      () => setSaid(undefined),
    )
  }
  return (
    <span className="absolute top-0 right-0 rounded-small bg-hover opacity-0 group-hover:opacity-100 focus-within:opacity-100">
      <button type="button" className={LINK} onClick={() => copy("path", path === "" ? "/" : path)}>
        {said === "path" ? "copied" : "path"}
      </button>
      <button type="button" className={LINK} onClick={() => copy("value", value())}>
        {said === "value" ? "copied" : "value"}
      </button>
    </span>
  )
}
