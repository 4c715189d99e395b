"use client"

import { useEffect, useState } from "react"
import { Segmented } from "@/components/ui/Segmented"
import { useSession } from "@/lib/live/hooks/useConnection"
import { CommandLine } from "./CommandLine"
import { IngestLog } from "./IngestLog"
import { MakeToken } from "./MakeToken"
import { Snippet } from "./Snippet"
import { SNIPPETS } from "./snippets"
import { useOrigin } from "./useOrigin"

const SEGMENTS = SNIPPETS.map(({ id, name }) => ({ id, label: name }))

/** How an agent gets here, and what of it arrives. */
export function ConnectPage() {
  const origin = useOrigin()
  const [id, setId] = useState(SNIPPETS[0].id)
  const snippet = SNIPPETS.find((it) => it.id === id) ?? SNIPPETS[0]
  useEffect(() => {
    document.title = "Connect · Turnline"
  }, [])
  return (
    <main
      data-page="connect"
      className="grid min-w-0 gap-x-8 px-4 pt-4 pb-10 lg:grid-cols-[minmax(0,560px)_minmax(0,1fr)] lg:px-6"
    >
      <div className="flex min-w-0 flex-col gap-5">
        <header>
          <h1 className="text-page font-semibold tracking-tight">Connect an agent</h1>
          <p className="text-ink-2">
            Agents speak Socket.IO to <code className="num text-ink">{origin}</code>. What they send shows
            here as it arrives.
          </p>
        </header>
        <section aria-label="The token" className="flex flex-col gap-2">
          <TokenWays />
        </section>
        <section aria-label="The agent" className="flex min-w-0 flex-col gap-2">
          <Segmented label="How the agent speaks" segments={SEGMENTS} value={id} onChange={setId} />
          <Snippet snippet={snippet} origin={origin} />
        </section>
      </div>
      <IngestLog />
    </main>
  )
}

/** Where the tokens that agents write with are, and how to have one for one agent: made here by those who may, else by a command. */
function TokenWays() {
  const session = useSession()
  if (session?.demo === true) {
    return (
      <p>
        This is a demo: everybody may look, and nobody writes but its own agents. On a server of your own the
        token that agents write with is in the data directory.
      </p>
    )
  }
  return (
    <>
      <p>The token that agents write with is in the server's data directory; this page never holds it.</p>
      <CommandLine command="cat .turnline/agent.token" />
      {session?.mint === true ? <MakeToken /> : <TokenCommand />}
    </>
  )
}

function TokenCommand() {
  return (
    <>
      <p className="text-ink-2">One for each agent is better:</p>
      <CommandLine command="npm run --silent token -- create ci --write 'ci/*'" />
    </>
  )
}
