"use client"

import { useEffect, useRef, useState } from "react"
import { Segmented } from "@/components/ui/Segmented"
import { useIngest } from "@/lib/live/hooks/useIngest"
import type { IngestNote } from "@/lib/protocol/events"
import { IngestRow } from "./IngestRow"
import { strings } from "./strings"

const TEXT = strings.log
type Shown = "all" | "refused"
const SEGMENTS = [
  { id: "all", label: TEXT.all },
  { id: "refused", label: TEXT.refused },
] as const

/** Messages that arrive at the server, newest last. Scrolls along unless the viewer has scrolled up. */
export function IngestLog() {
  const { phase, notes, error } = useIngest()
  const [shown, setShown] = useState<Shown>("all")
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const rows = shown === "all" ? notes : notes.filter((note) => !note.ok)
  const last = rows.at(-1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever the last note changes
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [last])
  const refused = notes.filter((note) => !note.ok).length
  return (
    <section
      aria-labelledby="ingest-log"
      className="mt-8 flex min-w-0 flex-col lg:sticky lg:top-14 lg:mt-0 lg:self-start"
    >
      <div className="flex items-center gap-3 border-b border-line pb-1.5">
        <h2 id="ingest-log" className="font-medium">
          {TEXT.title}
        </h2>
        <span className="num text-ink-3">{TEXT.count(notes.length, refused)}</span>
        <span className="ml-auto" />
        <Segmented label={TEXT.filter} segments={SEGMENTS} value={shown} onChange={setShown} />
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
            {error ?? TEXT.unavailable} {TEXT.needsRead} <code className="num">--read all</code>.
          </p>
        ) : null}
        {phase !== "error" && rows.length === 0 ? <EmptyLog shown={shown} /> : null}
        <ol aria-label={TEXT.title}>
          {rows.map((note) => (
            <IngestRow key={keyOf(note)} note={note} />
          ))}
        </ol>
      </div>
    </section>
  )
}

function EmptyLog({ shown }: { shown: Shown }) {
  return <p className="py-3 text-ink-3">{shown === "refused" ? TEXT.noneRefused : TEXT.empty}</p>
}

const keys = new WeakMap<IngestNote, number>()
let lastKey = 0

/** Returns a React key for a note. Notes have no ids, so each object gets a number. */
function keyOf(note: IngestNote): number {
  const known = keys.get(note)
  if (known !== undefined) return known
  lastKey += 1
  keys.set(note, lastKey)
  return lastKey
}
