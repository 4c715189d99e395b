import { CopyButton } from "@/components/ui/CopyButton"
import type { Source } from "./sources"
import { strings } from "./strings"

/** One way to connect without Turnline's client: what it shows, and the lines to copy. */
export function SourceCard({ source, origin }: { source: Source; origin: string }) {
  const text = source.lines(origin)
  const isFile = source.kind === "file"
  return (
    <li className="min-w-0 rounded border border-line bg-surface">
      <div className="flex items-start gap-2 py-1.5 pr-1 pl-3">
        <div className="min-w-0 flex-1">
          <h3 className="font-medium">{source.name}</h3>
          <p className="text-ink-2">{source.about}</p>
        </div>
        <CopyButton text={text} label={isFile ? strings.copyFile : strings.sources.copy(source.name)} />
      </div>
      <pre className="num border-t border-line px-3 py-2 leading-5 break-words whitespace-pre-wrap">
        {text}
      </pre>
    </li>
  )
}
