import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import type { TurnOutline } from "@/lib/protocol/turn"
import { shortCommand } from "./shortCommand"
import { Marked } from "./text/Marked"

/** The title of a turn: a tool and its first argument, or the first line of text. The tooltip has the full title. */
export function RowTitle({ outline }: { outline: TurnOutline }) {
  const { tool } = outline
  const title = tool === undefined ? plainLine(outline.title) : oneLine(outline.title)
  const name = tool === undefined ? "" : oneLine(tool)
  const argument = name !== "" && title.startsWith(name) ? title.slice(name.length).trim() : undefined
  if (argument === undefined)
    return (
      <bdi className="min-w-0 truncate" title={title}>
        <Marked text={title} />
      </bdi>
    )
  if (argument === "")
    return (
      <span className="num min-w-0 truncate font-medium" title={title}>
        <Marked text={name} />
      </span>
    )
  return (
    <span className="num flex min-w-0 gap-1.5 overflow-hidden" title={title}>
      <span className="max-w-72 shrink-0 truncate font-medium max-sm:max-w-36">
        <Marked text={name} />
      </span>
      <Argument text={argument} />
    </span>
  )
}

/**
 * Matches a path and splits it into folder and file name. The folder is shortened first, because the file name
 * matters more.
 */
const PATH = /^(\S*[/\\])([^\s/\\]{1,60})$/
function Argument({ text }: { text: string }) {
  const [, folder, file] = PATH.exec(text) ?? []
  if (folder !== undefined && file !== undefined && folder.length > 12)
    return (
      <span dir="ltr" className="flex min-w-0 text-ink-2 [unicode-bidi:isolate]">
        <span className="min-w-4 shrink-[999] truncate">
          <Marked text={folder.slice(0, -1)} />
        </span>
        <span className="min-w-0 truncate">
          <Marked text={folder.slice(-1) + file} />
        </span>
      </span>
    )
  const command = shortCommand(text)
  return (
    <span dir="ltr" className="min-w-0 truncate text-ink-2 [unicode-bidi:isolate]">
      <Marked text={command} />
    </span>
  )
}
