"use client"

import Link from "next/link"
import { useState } from "react"
import { CommandLine } from "@/components/connect/CommandLine"
import { tokenFile } from "@/components/connect/dataDir"
import { Snippet } from "@/components/connect/Snippet"
import { SNIPPETS } from "@/components/connect/snippets"
import { strings as connectStrings } from "@/components/connect/strings"
import { useServerUrl } from "@/components/connect/useServerUrl"
import { Segmented } from "@/components/ui/Segmented"
import { useSession } from "@/lib/live/hooks/useConnection"
import { pagePath } from "@/lib/live/pagePath"
import { strings } from "./strings"

const TEXT = strings.empty
const SEGMENTS = SNIPPETS.map(({ id, name }) => ({ id, label: name }))

/** Shown until the first run: how to connect an agent. */
export function EmptyRuns() {
  const server = useServerUrl()
  const session = useSession()
  const [id, setId] = useState(SNIPPETS[0].id)
  const snippet = SNIPPETS.find((it) => it.id === id) ?? SNIPPETS[0]
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-10">
      <header>
        <h2 className="text-page font-semibold tracking-tight">{TEXT.title}</h2>
        <p className="text-ink-2">{TEXT.intro}</p>
      </header>
      <section className="flex flex-col gap-2" aria-label={connectStrings.token.region}>
        <h3 className="font-medium">{TEXT.token}</h3>
        <CommandLine command={`cat ${tokenFile(session)}`} />
      </section>
      <section className="flex min-w-0 flex-col gap-2" aria-label={connectStrings.snippet.region}>
        <div className="flex flex-wrap items-center gap-3">
          <h3 className="font-medium">{TEXT.agent}</h3>
          <Segmented
            label={connectStrings.snippet.language}
            segments={SEGMENTS}
            value={id}
            onChange={setId}
          />
        </div>
        <Snippet snippet={snippet} server={server} />
      </section>
      <section className="flex flex-col gap-2 border-t border-line pt-4" aria-label={TEXT.demoRegion}>
        <h3 className="font-medium">{TEXT.demo}</h3>
        <CommandLine command="npm run demo" />
        <p className="text-ink-2">
          {TEXT.help}{" "}
          <Link href={pagePath("/connect")} className="text-accent underline">
            {TEXT.helpLink}
          </Link>
        </p>
      </section>
    </div>
  )
}
