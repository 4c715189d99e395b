"use client"

import { useState } from "react"
import { strings } from "@/components/turn/strings"
import { copyText } from "@/components/ui/CopyButton"

const BUTTON = "rounded-small px-1 text-small text-ink-3 hover:text-ink"

/** Copies the path or the value of a node in a tree. Visible on hover and on focus. */
export function JsonTools({ path, value }: { path: string; value: () => string }) {
  const [copied, setCopied] = useState<"path" | "value">()
  const copy = (what: "path" | "value", text: string) => {
    copyText(text).then(
      () => setCopied(what),
      () => setCopied(undefined),
    )
  }
  return (
    <span className="absolute top-0 right-0 rounded-small bg-hover opacity-0 group-hover:opacity-100 focus-within:opacity-100">
      <button type="button" className={BUTTON} onClick={() => copy("path", path === "" ? "/" : path)}>
        {copied === "path" ? strings.json.copied : strings.json.path}
      </button>
      <button type="button" className={BUTTON} onClick={() => copy("value", value())}>
        {copied === "value" ? strings.json.copied : strings.json.value}
      </button>
    </span>
  )
}
