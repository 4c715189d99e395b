import { CopyButton } from "@/components/ui/CopyButton"
import { CommandLine } from "./CommandLine"
import type { AgentSnippet } from "./snippets"
import { strings } from "./strings"

/** A sample file, with the commands that install its dependency and run it. */
export function Snippet({ snippet, origin }: { snippet: AgentSnippet; origin: string }) {
  const code = snippet.code(origin)
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <figure className="min-w-0 rounded border border-line bg-surface">
        <figcaption className="flex items-center border-b border-line pr-1 pl-3">
          <span className="num flex-1 text-ink-2">{snippet.file}</span>
          <CopyButton text={code} label={strings.copyFile} />
        </figcaption>
        <pre className="num px-3 py-2.5 leading-5 break-words whitespace-pre-wrap">{code}</pre>
      </figure>
      {snippet.install === undefined ? null : <CommandLine command={snippet.install} />}
      <CommandLine command={snippet.command} />
    </div>
  )
}
