import { CopyButton } from "@/components/ui/CopyButton"
import { useSession } from "@/lib/live/hooks/useConnection"
import { CommandLine } from "./CommandLine"
import { tokenFile } from "./dataDir"
import type { AgentSnippet } from "./snippets"
import { strings } from "./strings"

/** A sample file, with the commands that install the client and run the file. */
export function Snippet({ snippet, server }: { snippet: AgentSnippet; server: string }) {
  const code = snippet.code(server)
  const session = useSession()
  const packages = session?.packages
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <figure className="min-w-0 rounded border border-line bg-surface">
        <figcaption className="flex items-center border-b border-line pr-1 pl-3">
          <span className="num flex-1 text-ink-2">{snippet.file}</span>
          <CopyButton text={code} label={strings.copyFile} />
        </figcaption>
        <pre className="num px-3 py-2.5 leading-5 break-words whitespace-pre-wrap">{code}</pre>
      </figure>
      {packages === undefined ? null : <CommandLine command={snippet.install(server, packages)} />}
      <CommandLine command={snippet.command(tokenFile(session))} />
      <p className="text-ink-2">{strings.snippet.elsewhere}</p>
    </div>
  )
}
