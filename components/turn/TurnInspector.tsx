"use client"

import { useEffect, useRef, useState } from "react"
import { CopyButton } from "@/components/ui/CopyButton"
import { useTurnBody } from "@/lib/live/hooks/useTurnBody"
import type { RunTurn } from "@/lib/protocol/turn"
import { CutNotice } from "./CutNotice"
import { ErrorSection } from "./ErrorSection"
import { LeftOutSection } from "./LeftOutSection"
import { RawSection } from "./RawSection"
import { SectionNav } from "./SectionNav"
import { TurnFacts } from "./TurnFacts"
import { TurnHead } from "./TurnHead"
import { cutOf, leftOut, turnSections } from "./turnSections"
import { ValueView } from "./ValueView"

export type TurnInspectorProps = {
  runId: string
  index: number
  /** The address of this turn, for the copy button. */
  link: () => string
}

/** All of one turn: what it was asked, did and gave back, and what it cost. */
export function TurnInspector({ runId, index, link }: TurnInspectorProps) {
  const body = useTurnBody(runId, index)
  const scroller = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn is read from its top
  useEffect(() => {
    scroller.current?.scrollTo(0, 0)
  }, [runId, index])
  return (
    <section aria-label={`Turn ${index}`} className="flex h-full min-h-0 flex-col">
      <TurnHead index={index} turn={body.state === "turn" ? body.turn : undefined}>
        <CopyButton text={link} label="Copy a link to this turn" />
      </TurnHead>
      <div ref={scroller} className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-contain">
        {body.state === "turn" ? (
          <TurnParts key={`${runId}/${index}`} runId={runId} turn={body.turn} />
        ) : null}
        {body.state === "loading" ? <Waiting /> : null}
        {body.state === "error" ? (
          <p role="alert" className="p-3 text-failure">
            This turn could not be fetched: {body.error.message} Its row stays; select it again to retry.
          </p>
        ) : null}
      </div>
    </section>
  )
}

function TurnParts({ runId, turn }: { runId: string; turn: RunTurn }) {
  const sections = turnSections(turn)
  const missing = leftOut(turn)
  const names = [
    ...(turn.error === undefined ? [] : ["Error"]),
    ...sections.map((section) => section.name),
    ...missing.map(({ field }) => field),
    "Usage",
    "Raw",
  ]
  return (
    <>
      <SectionNav names={names} />
      {turn.error === undefined ? null : <ErrorSection error={turn.error} />}
      {sections.map(({ field, name, value, leaning }) => (
        <ValueView
          key={field}
          name={name}
          value={value}
          leaning={leaning}
          notice={<CutNotice runId={runId} index={turn.index} cut={cutOf(turn, field)} />}
        />
      ))}
      {missing.map(({ field, bytes }) => (
        <LeftOutSection key={field} runId={runId} index={turn.index} field={field} bytes={bytes} />
      ))}
      <TurnFacts turn={turn} />
      <RawSection turn={turn} />
    </>
  )
}

/** Says that it waits only once the wait is real, so that a quick answer does not flicker. */
function Waiting() {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return shown ? <p className="p-3 text-ink-3">Fetching this turn …</p> : null
}
