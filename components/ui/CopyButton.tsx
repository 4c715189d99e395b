"use client"

import { Check, Copy } from "lucide-react"
import { type ReactNode, useEffect, useState } from "react"
import { Button } from "./Button"
import { IconButton } from "./IconButton"
import { strings } from "./strings"

export type CopyButtonProps = {
  /** The text, or a function that returns it when the button is clicked. The function may load the text first. */
  text: string | (() => string | Promise<string>)
  label?: string
  /** Shown next to the icon. Without children, the button is only an icon. */
  children?: ReactNode
}

/** How long the result of copying is shown, ms. */
const FEEDBACK_MS = 1_600

/** Copies text and reports the result for a moment, including to screen readers. */
export function CopyButton({ text, label = strings.copy, children }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle")
  useEffect(() => {
    if (state === "idle") return
    const timer = setTimeout(() => setState("idle"), FEEDBACK_MS)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async () => {
    try {
      await copyText(typeof text === "function" ? await text() : text)
      setState("copied")
    } catch {
      setState("failed")
    }
  }
  const icon = state === "copied" ? <Check className="size-4 text-success" /> : <Copy className="size-4" />
  const title = state === "copied" ? strings.copied : state === "failed" ? strings.copyFailed : label
  if (children === undefined) {
    return (
      <IconButton label={title} onClick={() => void copy()}>
        {icon}
      </IconButton>
    )
  }
  return (
    <Button onClick={() => void copy()} title={title}>
      {icon}
      {state === "copied" ? strings.copied : children}
    </Button>
  )
}

/** Copies text to the clipboard, even on plain HTTP, where browsers have no clipboard API. Rejects if not allowed. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement("textarea")
  area.value = text
  area.className = "fixed top-0 opacity-0"
  document.body.append(area)
  area.select()
  const copied = document.execCommand("copy")
  area.remove()
  if (!copied) throw new Error("copying was refused")
}
