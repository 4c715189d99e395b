"use client"

import { useRef } from "react"

/** Returns a value that doesn't change while it is held, unless its key changes. */
export function useSteady<T>(value: T, isHeld: boolean, key: unknown): T {
  const held = useRef({ value, key })
  if (!isHeld || held.current.key !== key) held.current = { value, key }
  return held.current.value
}
