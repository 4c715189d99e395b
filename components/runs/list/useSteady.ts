"use client"

import { useRef } from "react"

/** A value that keeps still while asked to, unless what it is of (`key`) became another. */
export function useSteady<T>(value: T, steady: boolean, key: unknown): T {
  const kept = useRef({ value, key })
  if (!steady || kept.current.key !== key) kept.current = { value, key }
  return kept.current.value
}
