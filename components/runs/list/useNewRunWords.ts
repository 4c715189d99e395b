"use client"

import { useEffect, useRef } from "react"
import { announce } from "@/components/shell/announce"

/** Says to a screen reader how many runs were held back since it last did. */
export function useNewRunWords(pending: number): void {
  const said = useRef(0)
  useEffect(() => {
    announce("new run", pending - said.current)
    said.current = pending
  }, [pending])
}
