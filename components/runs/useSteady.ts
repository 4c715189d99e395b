"use client"

import { useRef } from "react"

/** A value that keeps still while asked to. */
export function useSteady<T>(value: T, steady: boolean): T {
  const kept = useRef(value)
  if (!steady) kept.current = value
  return kept.current
}
