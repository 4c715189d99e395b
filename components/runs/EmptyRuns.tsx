"use client"

import Link from "next/link"
import { useState } from "react"
import { CommandLine } from "@/components/connect/CommandLine"
import { Snippet } from "@/components/connect/Snippet"
import { SNIPPETS } from "@/components/connect/snippets"
import { useOrigin } from "@/components/connect/useOrigin"
import { Segmented } from "@/components/ui/Segmented"

const SEGMENTS = SNIPPETS.map(({ id, name }) => ({ id, label: name }))

/** No run yet: how to connect an agent in half a minute. */
export function EmptyRuns() {
  const origin = useOrigin()
  const [id, setId] = useState(SNIPPETS[0].id)
  const snippet = SNIPPETS.find((it) => it.id === id) ?? SNIPPETS[0]
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-10">
      <header>
        <h2 className="text-page font-semibold tracking-tight">No agent has connected yet</h2>
        <p className="text-ink-2">
          Thirty seconds: show the token, paste the snippet, and its turns appear here.
        </p>
      </header>
      <section className="flex flex-col gap-2" aria-label="The token">
        <h3 className="font-medium">1 · The token that agents write with</h3>
        <CommandLine command="cat .turnline/agent.token" />
      </section>
      <section className="flex min-w-0 flex-col gap-2" aria-label="The snippet">
        <div className="flex flex-wrap items-center gap-3">
          <h3 className="font-medium">2 · An agent</h3>
          <Segmented label="Language" segments={SEGMENTS} value={id} onChange={setId} />
        </div>
        <Snippet snippet={snippet} origin={origin} />
      </section>
      <section className="flex flex-col gap-2 border-t border-line pt-4" aria-label="A demonstration">
        <h3 className="font-medium">Or look at a fleet at work first</h3>
        <CommandLine command="npm run demo" />
        <p className="text-ink-2">
          Sent something and see nothing?{" "}
          <Link href="/connect" className="text-accent underline">
            Connect
          </Link>{" "}
          shows what arrives, and why it was refused.
        </p>
      </section>
    </div>
  )
}
