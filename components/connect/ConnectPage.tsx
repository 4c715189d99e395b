"use client"

import { useEffect, useState } from "react"
import { CopyButton } from "@/components/ui/CopyButton"
import { Segmented } from "@/components/ui/Segmented"
import { useSession } from "@/lib/live/hooks/useConnection"
import { CommandLine } from "./CommandLine"
import { CreateToken } from "./CreateToken"
import { tokenCommand, tokenFile } from "./dataDir"
import { IngestLog } from "./IngestLog"
import { Snippet } from "./Snippet"
import { SNIPPETS } from "./snippets"
import type { Source } from "./sources"
import { SOURCES } from "./sources"
import { strings } from "./strings"
import { useServerUrl } from "./useServerUrl"

const SEGMENTS = SNIPPETS.map(({ id, name }) => ({ id, label: name }))

/** How to connect an agent, and a log of the messages that arrive. */
export function ConnectPage() {
  const server = useServerUrl()
  const [id, setId] = useState(SNIPPETS[0].id)
  const snippet = SNIPPETS.find((it) => it.id === id) ?? SNIPPETS[0]
  useEffect(() => {
    document.title = strings.documentTitle
  }, [])
  return (
    <main
      data-page="connect"
      className="grid min-w-0 gap-x-8 px-4 pt-4 pb-10 lg:grid-cols-[minmax(0,560px)_minmax(0,1fr)] lg:px-6"
    >
      <div className="flex min-w-0 flex-col gap-5">
        <header>
          <h1 className="text-page font-semibold tracking-tight">{strings.title}</h1>
          <p className="text-ink-2">
            {strings.intro} <code className="num text-ink">{server}</code>
          </p>
        </header>
        <section aria-label={strings.token.region} className="flex flex-col gap-2">
          <TokenInstructions />
        </section>
        <section aria-label={strings.snippet.region} className="flex min-w-0 flex-col gap-2">
          <Segmented label={strings.snippet.language} segments={SEGMENTS} value={id} onChange={setId} />
          <Snippet snippet={snippet} server={server} />
        </section>
        <section aria-labelledby="sources" className="flex min-w-0 flex-col gap-2">
          <h2 id="sources" className="font-medium">
            {strings.sources.title}
          </h2>
          <p className="text-ink-2">{strings.sources.intro}</p>
          <ul className="flex min-w-0 flex-col gap-2">
            {SOURCES.map((source) => (
              <SourceCard key={source.id} source={source} server={server} />
            ))}
          </ul>
        </section>
      </div>
      <IngestLog />
    </main>
  )
}

/**
 * Explains where to find the agents' token and how to create one for each agent: with a form if the session may create
 * tokens, otherwise with a command.
 */
function TokenInstructions() {
  const session = useSession()
  if (session?.demo === true) return <p>{strings.token.demo}</p>
  return (
    <>
      <p>{strings.token.where}</p>
      <CommandLine command={`cat ${tokenFile(session)}`} />
      {session?.mint === true ? (
        <CreateToken />
      ) : (
        <>
          <p className="text-ink-2">{strings.token.onePerAgent}</p>
          <CommandLine command={tokenCommand(session, "create ci --write 'ci/*'")} />
        </>
      )}
    </>
  )
}

/** One way to connect without Turnline's client: its description, and the lines to copy. */
function SourceCard({ source, server }: { source: Source; server: string }) {
  const session = useSession()
  const text = source.lines(server, tokenFile(session))
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
