"use client"

import { useEffect, useRef } from "react"
import { shell } from "@/components/shell/shellStore"
import { keyName } from "./keyName"

/**
 * Handlers by key name (`j`, `G`, `Enter`, `ArrowDown`), or `mod+k` for Ctrl or Cmd. Return false to pass the event on.
 */
export type KeyBindings = Record<string, (event: KeyboardEvent) => unknown>

const TYPING = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]"
// Dialogs and open menus handle the keyboard themselves.
const CAPTURING = "[role=dialog], [role=menu], [role=listbox]"

/**
 * Handles keys while mounted. Single keys are ignored while typing, in dialogs, and if the viewer has disabled them.
 */
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
      if (bound === undefined || !isAllowed(name, event.target)) return
      if (bound(event) !== false) event.preventDefault()
    }
    window.addEventListener("keydown", onKey)
    return () => window.removeEventListener("keydown", onKey)
  }, [])
}

function isAllowed(name: string, target: EventTarget | null): boolean {
  if (name.startsWith("mod+")) return true
  const element = target instanceof Element ? target : null
  if (element?.closest(TYPING) || element?.closest(CAPTURING)) return false
  // Space and Enter activate the focused control.
  if ((name === " " || name === "Enter") && element?.closest("a, button, summary, input")) return false
  return name.length > 1 || shell.getState().singleKeys
}
