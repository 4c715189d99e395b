"use client"

import { useState } from "react"
import { CHUNK_CHARS, cutText } from "./formats/cutText"

/** The part of a text that is drawn now, how many characters are left, and a way to draw more. `chars`: the first part's length. */
export function useCut(
  text: string,
  chars: number = CHUNK_CHARS,
): { shown: string; left: number; more: () => void } {
  const [drawn, setDrawn] = useState(chars)
  const shown = cutText(text, drawn)
  return { shown, left: text.length - shown.length, more: () => setDrawn(drawn + chars * 2) }
}
