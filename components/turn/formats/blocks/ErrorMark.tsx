"use client"

import { CircleAlert } from "lucide-react"
import { strings } from "@/components/turn/strings"

/** Says that a message or result is an error. */
export function ErrorMark() {
  return (
    <p className="num flex items-center gap-1 font-medium text-error">
      <CircleAlert className="size-3.5" aria-hidden="true" />
      {strings.blocks.error}
    </p>
  )
}
