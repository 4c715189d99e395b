"use client"

import { useState } from "react"
import { CHUNK_CHARS, cutText } from "./cutText"

/** The part of a text that is drawn now, how many characters are left, and a way to draw more. */
export function useCut(text: string): { shown: string; left: number; more: () => void } {
  const [chars, setChars] = useState(CHUNK_CHARS)
  const shown = cutText(text, chars)
  return { shown, left: text.length - shown.length, more: () => setChars(chars + CHUNK_CHARS * 2) }
}
