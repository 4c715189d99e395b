import { strings } from "@/components/runs/strings"
import { oneLine } from "@/components/ui/text/showControls"
import type { ListedRun } from "@/lib/protocol/catalog"
import { markHits } from "./markHits"

export type HitTextProps = { hit: NonNullable<ListedRun["hit"]>; query: string }

/** Quotes a search hit, with the search terms marked. */
export function HitText({ hit, query }: HitTextProps) {
  const text = oneLine(hit.text, 240)
  let at = 0
  return (
    <span className="truncate text-ink-2" title={text}>
      {hit.index === undefined ? null : (
        <span className="num text-accent">{strings.cells.hit(hit.index)} </span>
      )}
      {markHits(text, query).map((part) => {
        at += part.text.length
        return part.isHit ? (
          <mark key={at} className="rounded-small bg-waiting/25 text-ink">
            {part.text}
          </mark>
        ) : (
          part.text
        )
      })}
    </span>
  )
}
