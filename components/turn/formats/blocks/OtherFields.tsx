"use client"

import { JsonTree } from "@/components/turn/formats/json/JsonTree"
import { strings } from "@/components/turn/strings"
import { oneLine } from "@/components/ui/text/showControls"
import type { Fields } from "./Block"

/** Lists the fields that the format doesn't know, so that nothing is lost. */
export function OtherFields({ fields, pointer }: { fields: Fields; pointer: string | undefined }) {
  const names = Object.keys(fields)
  if (names.length === 0) return null
  return (
    <details className="text-ink-2">
      <summary className="num cursor-pointer text-small text-ink-3">
        {strings.blocks.otherFields(names.map((name) => oneLine(name, 40)).join(", "))}
      </summary>
      <JsonTree value={fields} query="" pointer={pointer} />
    </details>
  )
}
