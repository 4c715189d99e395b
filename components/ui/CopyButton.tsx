"use client"

import { Check, Copy } from "lucide-react"
import { type ReactNode, useEffect, useState } from "react"
import { Button } from "./Button"
import { IconButton } from "./IconButton"

export type CopyButtonProps = {
  /** What is copied, whole; a function is asked at the click. */
  text: string | (() => string)
  label?: string
  /** Shown beside the icon; left out, the button is an icon. */
  children?: ReactNode
}

/** Copies text and says so for a moment, also to a screen reader. */
export function CopyButton({ text, label = "Copy", children }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle")
  useEffect(() => {
    if (state === "idle") return
    const timer = setTimeout(() => setState("idle"), 1600)
    return () => clearTimeout(timer)
  }, [state])
  const copy = () => {
    copyText(typeof text === "function" ? text() : text).then(
      () => setState("copied"),
      () => setState("refused"),
    )
  }
  const icon = state === "copied" ? <Check className="size-4 text-success" /> : <Copy className="size-4" />
  const said = state === "copied" ? "Copied" : state === "refused" ? "The browser refused to copy" : label
  if (children === undefined) {
    return (
      <IconButton label={said} onClick={copy}>
        {icon}
      </IconButton>
    )
  }
  return (
    <Button onClick={copy} title={said}>
      {icon}
      {state === "copied" ? "Copied" : children}
    </Button>
  )
}

/** Puts text on the clipboard; also on plain http, where the clipboard API is not offered. Rejects when refused. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement("textarea")
  area.value = text
  area.className = "fixed top-0 opacity-0"
  document.body.append(area)
  area.select()
  const done = document.execCommand("copy")
  area.remove()
  if (!done) throw new Error("copying was refused")
}
