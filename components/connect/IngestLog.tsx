"use client"

import { useEffect, useRef, useState } from "react"
import { Segmented } from "@/components/ui/Segmented"
import { useIngest } from "@/lib/live/hooks/useIngest"
import type { IngestNote } from "@/lib/protocol/events"
import { IngestRow } from "./IngestRow"

type Shown = "all" | "refused"
const SEGMENTS = [
  { id: "all", label: "All" },
  { id: "refused", label: "Refused" },
] as const

/** What arrives at the server, newest last; it follows unless the reader has scrolled up. */
export function IngestLog() {
  const { phase, notes, error } = useIngest()
  const [shown, setShown] = useState<Shown>("all")
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const rows = shown === "all" ? notes : notes.filter((note) => !note.ok)
  const last = rows.at(-1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another note is the last
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [last])
  const refused = notes.filter((note) => !note.ok).length
  return (
    <section aria-labelledby="arrivals" className="mt-8 flex min-w-0 flex-col lg:mt-0">
      <div className="flex items-center gap-3 border-b border-line pb-1.5">
        <h2 id="arrivals" className="font-medium">
          What arrives
        </h2>
        <span className="num text-ink-3">
          {notes.length} kept{refused > 0 ? ` · ${refused} refused` : ""}
        </span>
        <span className="ml-auto" />
        <Segmented label="Which" segments={SEGMENTS} value={shown} onChange={setShown} />
      </div>
      <div
        ref={box}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget
          atEnd.current = scrollHeight - scrollTop - clientHeight < 8
        }}
        className="h-[60dvh] overflow-x-hidden lg:h-[calc(100dvh-116px)] overflow-y-auto overscroll-contain"
      >
        {phase === "error" ? (
          <p className="py-3 text-ink-2">
            {error ?? "What arrives cannot be shown."} The log needs a token that reads every agent:{" "}
            <code className="num">--read all</code>.
          </p>
        ) : null}
        {phase !== "error" && rows.length === 0 ? <Waiting refused={shown === "refused"} /> : null}
        <ol aria-label="What arrives">
          {rows.map((note) => (
            <IngestRow key={keyOf(note)} note={note} />
          ))}
        </ol>
      </div>
    </section>
  )
}

function Waiting({ refused }: { refused: boolean }) {
  if (refused) return <p className="py-3 text-ink-3">Nothing was refused.</p>
  return (
    <p className="py-3 text-ink-3">
      Nothing has arrived since the server started. If an agent says it has sent something: it reached another
      address, or it never connected. A token that is not known is refused before anything can arrive.
    </p>
  )
}

const keys = new WeakMap<IngestNote, number>()
let next = 0

/** A key for a note, which has no name of its own: the object itself. */
function keyOf(note: IngestNote): number {
  const known = keys.get(note)
  if (known !== undefined) return known
  next += 1
  keys.set(note, next)
  return next
}
