"use client"

import { useEffect, useRef } from "react"
import { shell } from "@/components/shell/shellStore"

/** Keys by `KeyboardEvent.key` (`j`, `G`, `Enter`, `ArrowDown`), `mod+k` for Ctrl or Cmd. Return false to let it pass. */
export type KeyBindings = Record<string, (event: KeyboardEvent) => unknown>

const TYPING = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]"
// A dialog or an open menu has the keyboard to itself.
const CAPTURING = "[role=dialog], [role=menu], [role=listbox]"

/** The name that a binding has for an event; undefined where no single key may act. */
export function keyName(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing">,
): string | undefined {
  if (event.isComposing || event.altKey) return undefined
  return event.ctrlKey || event.metaKey ? `mod+${event.key.toLowerCase()}` : event.key
}

/** Listens for keys while mounted. Single keys never act while typing, in a dialog, or when switched off. */
export function useKeys(bindings: KeyBindings): void {
  const latest = useRef(bindings)
  useEffect(() => {
    latest.current = bindings
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const name = keyName(event)
      if (name === undefined || event.defaultPrevented) return
      const bound = Object.hasOwn(latest.current, name) ? latest.current[name] : undefined
      if (bound === undefined || !mayAct(name, event.target)) return
      if (bound(event) !== false) event.preventDefault()
    }
    window.addEventListener("keydown", onKey)
    return () => window.removeEventListener("keydown", onKey)
  }, [])
}

function mayAct(name: string, target: EventTarget | null): boolean {
  if (name.startsWith("mod+")) return true
  const element = target instanceof Element ? target : null
  if (element?.closest(TYPING) || element?.closest(CAPTURING)) return false
  // Space and Enter on a control are the control's own.
  if ((name === " " || name === "Enter") && element?.closest("a, button, summary, input")) return false
  return name.length > 1 || shell.getState().singleKeys
}
