import { cx } from "@/components/ui/cx"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import type { TurnOutline } from "@/lib/protocol/turn"

/** A tool and its first argument, or the first line said. */
export function RowTitle({ outline, hit }: { outline: TurnOutline; hit: boolean }) {
  const { tool } = outline
  const title = tool === undefined ? plainLine(outline.title) : oneLine(outline.title)
  const name = tool === undefined ? "" : oneLine(tool)
  const rest = name !== "" && title.startsWith(name) ? title.slice(name.length).trim() : undefined
  return (
    <span
      className={cx(
        "min-w-0 truncate",
        hit && "underline decoration-waiting decoration-2 underline-offset-4",
        rest !== undefined && "num",
      )}
      title={title}
    >
      {rest === undefined ? (
        title
      ) : (
        <>
          <span className="font-medium">{name}</span> <span className="text-ink-2">{rest}</span>
        </>
      )}
    </span>
  )
}
